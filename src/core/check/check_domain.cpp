#include "core/check/check_domain.hpp"

#include "core/check/not_secure.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

// One address that proves a record is enough: senders try one after the other.
HostWay way_with(HostWay by_dns, const std::vector<EndpointView>& endpoints) {
  using Verdict = EndpointView::Verdict;
  const auto any = [&](Verdict verdict) {
    return std::any_of(endpoints.begin(), endpoints.end(),
                       [&](const EndpointView& endpoint) { return endpoint.verdict == verdict; });
  };
  if (by_dns != HostWay::dane || any(Verdict::verified)) return by_dns;
  return any(Verdict::mismatch) || any(Verdict::no_handshake) ? HostWay::held : by_dns;
}

class DomainFindings {
 public:
  explicit DomainFindings(const DomainCheck& check) : check_(check), domain_(check.domain) {}

  DomainReport report() {
    report_.view.domain = domain_;
    exchanges();
    mx();
    hosts();
    reporting();
    sts();
    return std::move(report_);
  }

 private:
  void add(FindingId id, Severity severity, std::string message, std::string remedy) {
    report_.findings.push_back(
        {id, severity, {}, {}, {}, {}, std::move(message), std::move(remedy), domain_.name.text()});
  }
  void note(std::string text) { report_.view.notes.push_back(std::move(text)); }

  void exchanges() {
    std::vector<HostWay> ways;
    for (const Exchange& exchange : domain_.exchanges) {
      const auto host = std::find_if(check_.hosts.begin(), check_.hosts.end(),
                                     [&](const MailHost& one) { return one.seen.host == exchange.host; });
      if (host == check_.hosts.end()) continue;
      ExchangeView view{exchange, *host, {}, {}};
      for (const EndpointView& endpoint : check_.endpoints) {
        if (endpoint.url.host == exchange.host) view.endpoints.push_back(endpoint);
      }
      view.way = way_with(way_of(*host), view.endpoints);
      ways.push_back(view.way);
      report_.view.exchanges.push_back(std::move(view));
    }
    report_.view.way = way_of(domain_, ways);
  }

  void mx() {
    if (domain_.kind == MailDomain::Kind::none) {
      add(FindingId::no_such_domain, Severity::critical, "there is no such domain",
          "is it spelled as it should be, and is it registered?");
    } else if (domain_.dnssec != Dnssec::secure) {
      add(FindingId::mx_not_secure, severity_of(domain_.dnssec),
          fmt::format("the MX records {}: {}", what_it_means(domain_.dnssec), domain_.why),
          what_mends(domain_.dnssec, domain_.name, "MX"));
    }
    for (const std::string& text : domain_.unusable_exchanges) {
      add(FindingId::unusable_exchange, Severity::warning,
          fmt::format("an MX record names \"{}\", which can be no host", text),
          "name a host: letters, digits and hyphens (RFC 5321 section 2.3.5)");
    }
  }

  void hosts() {
    for (const ExchangeView& view : report_.view.exchanges) {
      // Without an address nothing more is asked of it.
      if (view.host.addresses.empty() && view.way != HostWay::nowhere) {
        report_.findings.push_back(host_not_secure(view.host.seen));
        report_.findings.back().domain = domain_.name.text();
      }
      if (view.way != HostWay::nowhere) continue;
      const bool last = report_.view.way == DomainWay::no_mail;
      const std::string& host = view.exchange.host.text();
      add(FindingId::host_without_address, last ? Severity::critical : Severity::warning,
          domain_.kind == MailDomain::Kind::implicit
              ? fmt::format("{} has neither MX records nor an address: it takes no mail", host)
              : fmt::format("{}, which an MX record names, has no address: no mail goes there", host),
          domain_.kind == MailDomain::Kind::implicit
              ? "publish an MX record; \"MX 0 .\" says that it takes none (RFC 7505)"
              : fmt::format("publish A or AAAA records of {}, or take it out of the MX records", host));
    }
  }

  // Whoever takes no mail has nothing to report.
  [[nodiscard]] bool has_host() const {
    return std::any_of(report_.view.exchanges.begin(), report_.view.exchanges.end(),
                       [](const ExchangeView& view) { return view.way != HostWay::nowhere; });
  }

  void reporting() {
    if (!check_.policies.tls_reporting || announces(check_.policies.tls_reporting, "v=TLSRPTv1") || !has_host()) return;
    note(fmt::format("no TLSRPT record at _smtp._tls.{}: nobody tells you of failed deliveries (RFC 8460)",
                     domain_.name.text()));
  }

  void sts() {
    const MailPolicies& policies = check_.policies;
    if (!has_host()) return;
    if (!announces(policies.mta_sts, "v=STSv1")) {
      if (policies.mta_sts) {
        note(fmt::format("no MTA-STS policy for {}: senders that do not check DANE have none (RFC 8461)",
                         domain_.name.text()));
      }
      return;
    }
    if (!policies.sts_policy) return;
    const auto policy = *policies.sts_policy ? StsPolicy::parse(**policies.sts_policy) : policies.sts_policy->error();
    if (!policy) {
      return add(
          FindingId::mta_sts_differs, Severity::warning,
          fmt::format("_mta-sts.{0} announces an MTA-STS policy, and https://mta-sts.{0}/.well-known/mta-sts.txt "
                      "gives none: {1}",
                      domain_.name.text(), policy.error().what),
          "mend the web server or the policy, or delete the TXT record (RFC 8461)");
    }
    if (policy->mode == StsPolicy::Mode::none) return;
    for (const ExchangeView& view : report_.view.exchanges) {
      if (!policy->allows(view.exchange.host)) refused_by(*policy, view.exchange.host);
    }
  }

  // Senders of MTA-STS turn away from a host that DANE senders use.
  void refused_by(const StsPolicy& policy, const DnsName& host) {
    const bool enforced = policy.mode == StsPolicy::Mode::enforce;
    add(FindingId::mta_sts_differs, Severity::warning,
        fmt::format("the MTA-STS policy does not name the host {}: {}", host.text(),
                    enforced ? "senders that go by it send no mail there" : "once it is enforced, no mail goes there"),
        fmt::format("add the line \"mx: {}\" to the policy, and change the id of the TXT record _mta-sts.{} (RFC 8461)",
                    host.text(), domain_.name.text()));
  }

  const DomainCheck& check_;
  const MailDomain& domain_;
  DomainReport report_;
};

}  // namespace

DomainReport check_domain(const DomainCheck& check) {
  return DomainFindings(check).report();
}

}  // namespace danectl
