#include "app/check/domain_looks.hpp"

#include "core/check/second_opinion.hpp"

#include <algorithm>

namespace danectl {
namespace {

// Why answers about the domain and its hosts do not count, one each. Proven to be unsigned is an answer, too.
std::vector<std::string> open_answers(const MailLook& look, const MailDomain& domain) {
  std::vector<std::string> open;
  const auto judge = [&](Dnssec dnssec, const std::string& why) {
    if (dnssec == Dnssec::bogus || dnssec == Dnssec::unknown) open.push_back(why);
  };
  judge(domain.dnssec, domain.why);
  for (const Exchange& exchange : domain.exchanges) {
    for (const MailHost& host : look.hosts) {
      if (host.seen.host != exchange.host) continue;
      judge(host.seen.addresses, host.seen.why);
      for (const TlsaAnswer& answer : host.tlsa) judge(answer.dnssec, answer.why);
    }
  }
  return open;
}

void put_in_place(std::vector<MailHost>& hosts, const MailHost& host) {
  const auto at = std::lower_bound(hosts.begin(), hosts.end(), host.seen.host,
                                   [](const MailHost& one, const DnsName& name) { return one.seen.host < name; });
  if (at != hosts.end() && at->seen.host == host.seen.host) {
    *at = host;
  } else {
    hosts.insert(at, host);
  }
}

}  // namespace

std::vector<Finding> DomainLooks::look(const std::vector<DnsName>& domains) {
  if (domains.empty()) return {};
  auto seen = shop_.world.mail_resolver(shop_.config())->look(domains);
  if (!seen) {
    return {{FindingId::resolver_unusable, Severity::unknown, {}, {}, {}, {}, seen.error().what, seen.error().hint}};
  }
  look_ = *std::move(seen);
  std::vector<Finding> findings = look_from_root();
  ask_for_policies();
  return findings;
}

std::vector<Finding> DomainLooks::look_from_root() {
  if (shop_.config().dns.resolver == DnsConfig::Mode::recursive) return {};
  std::vector<DnsName> doubtful;
  for (const MailDomain& domain : look_.domains) {
    if (!open_answers(look_, domain).empty()) doubtful.push_back(domain.name);
  }
  if (doubtful.empty()) return {};
  const auto second = shop_.world.mail_resolver(asking_from_root(shop_.config()))->look(doubtful);
  if (!second) return {};  // what the resolver said stays
  std::vector<Finding> findings;
  const MailLook first = look_;
  for (std::size_t i = 0; i < look_.domains.size(); ++i) {
    MailDomain& domain = look_.domains[i];
    const auto from_root = std::find_if(second->domains.begin(), second->domains.end(),
                                        [&](const MailDomain& one) { return one.name == domain.name; });
    if (from_root == second->domains.end()) continue;
    const std::vector<std::string> open = open_answers(first, domain);
    if (open_answers(*second, *from_root).size() >= open.size()) continue;
    findings.push_back(resolver_differs({}, from_root->dnssec, open.front()));
    findings.back().domain = domain.name.text();
    domain = *from_root;
    look_.policies[i] = second->policies[static_cast<std::size_t>(from_root - second->domains.begin())];
    for (const MailHost& host : second->hosts) put_in_place(look_.hosts, host);
  }
  return findings;
}

void DomainLooks::ask_for_policies() {
  for (std::size_t i = 0; i < look_.domains.size(); ++i) {
    MailPolicies& policies = look_.policies[i];
    if (!announces(policies.mta_sts, "v=STSv1")) continue;
    policies.sts_policy = shop_.world.policy_server(shop_.config())->policy_of(look_.domains[i].name);
  }
}

std::vector<ProbeUrl> DomainLooks::servers() const {
  std::vector<ProbeUrl> urls;
  for (const MailHost& host : look_.hosts) {
    if (!host.addresses.empty()) urls.push_back({"smtp", host.seen.host, 25, {}});
  }
  return urls;
}

std::vector<DomainReport> DomainLooks::reports(const std::vector<EndpointView>& endpoints) const {
  std::vector<DomainReport> reports;
  for (std::size_t i = 0; i < look_.domains.size(); ++i) {
    reports.push_back(check_domain({look_.domains[i], look_.hosts, endpoints, look_.policies[i]}));
  }
  return reports;
}

}  // namespace danectl
