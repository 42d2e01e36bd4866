#include "core/check/check_host.hpp"

#include "core/check/check_keys.hpp"
#include "core/check/not_secure.hpp"
#include "core/rollover/objection_text.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

class HostFindings {
 public:
  explicit HostFindings(const DnsCheck& check) : check_(check), owner_(check.look.owner.text()) {}

  // Only where the host's addresses and the MX are secure senders ask for TLSA records at all (RFC 7672 section 2.2).
  std::vector<Finding> all() {
    const auto parts = parse_owner(check_.look.owner);
    if (!parts) return {};
    for (const HostInspection& host : check_.inspection.hosts) {
      if (host.host != parts->host) continue;
      addresses(host);
      alias(host);
    }
    for (const MxInspection& mx : check_.inspection.mx) {
      if (mx.host == parts->host) exchange(mx);
    }
    return std::move(findings_);
  }

 private:
  void add(FindingId id, Severity severity, std::string message, std::string remedy) {
    findings_.push_back({id, severity, {}, owner_, {}, {}, std::move(message), std::move(remedy)});
  }

  void addresses(const HostInspection& host) {
    if (host.addresses == Dnssec::secure) return;
    findings_.push_back(host_not_secure(host));
    findings_.back().owner = owner_;
  }

  void exchange(const MxInspection& mx) {
    if (mx.dnssec == Dnssec::secure) return;
    add(FindingId::mx_not_secure, severity_of(mx.dnssec),
        fmt::format("the MX records of {}, which name {}, {}", mx.domain.text(), mx.host.text(),
                    what_it_means(mx.dnssec)),
        what_mends(mx.dnssec, mx.domain, "MX"));
  }

  void alias(const HostInspection& host) {
    const auto expanded = expanded_owner(check_.look.owner, check_.inspection);
    if (!expanded) return;
    const std::string end = host.aliases.back().text();
    const bool same = check_.instead != nullptr && check_.instead->canonical() == check_.look.canonical();
    const bool by_lineage = !check_.lineages.empty() && !same;
    const std::string lineage = by_lineage ? check_.lineages.front() : std::string();
    if (check_.instead == nullptr) {
      warn_of_alias(
          lineage,
          fmt::format("{} is an alias: senders look for TLSA records at {} first", host.host.text(), expanded->text()),
          by_lineage ? fmt::format("as soon as there is one, senders ignore those at {}: {}; or name a host in the MX "
                                   "records that is no alias",
                                   owner_, how_to_move(*expanded, check_.look.owner, lineage))
                     : fmt::format("name {} in the MX records and publish at {} (RFC 7672 section 2.2.3)", end,
                                   expanded->text()));
    } else if (by_lineage || (!check_.look.resolver_records.empty() && !same)) {
      warn_of_alias(lineage,
                    fmt::format("{} is an alias of {}: senders use the TLSA records at {}, and none at {} (RFC 7672 "
                                "section 2.2.3)",
                                host.host.text(), end, expanded->text(), owner_),
                    by_lineage ? how_to_move(*expanded, check_.look.owner, lineage)
                               : fmt::format("delete the records at {}, which nobody uses", owner_));
    } else {
      warn_of_alias(lineage,
                    fmt::format("{} is an alias of {}: senders use the TLSA records at {}", host.host.text(), end,
                                expanded->text()),
                    fmt::format("name {} itself in the MX records (RFC 2181 section 10.3)", end));
    }
  }

  void warn_of_alias(const std::string& lineage, std::string message, std::string remedy) {
    add(FindingId::host_is_alias, Severity::warning, std::move(message), std::move(remedy));
    findings_.back().lineage = lineage;
  }

  const DnsCheck& check_;
  const std::string owner_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_host(const DnsCheck& check) {
  return HostFindings(check).all();
}

}  // namespace danectl
