#include "core/dns/inspection.hpp"

#include <fmt/format.h>

namespace danectl {

std::optional<DnsName> expanded_owner(const DnsName& owner, const Inspection& inspection) {
  const auto parts = parse_owner(owner);
  if (!parts) return std::nullopt;
  for (const HostInspection& host : inspection.hosts) {
    if (host.host != parts->host || host.addresses != Dnssec::secure || host.aliases.size() < 2) continue;
    const auto expanded =
        DnsName::parse(fmt::format("_{}._{}.{}", parts->port, parts->protocol, host.aliases.back().text()));
    if (expanded) return *expanded;
  }
  return std::nullopt;
}

}  // namespace danectl
