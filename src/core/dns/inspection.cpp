#include "core/dns/inspection.hpp"

namespace danectl {

std::optional<DnsName> expanded_owner(const DnsName& owner, const Inspection& inspection) {
  const auto parts = parse_owner(owner);
  if (!parts) return std::nullopt;
  for (const HostInspection& host : inspection.hosts) {
    if (host.host != parts->host || host.addresses != Dnssec::secure || host.aliases.size() < 2) continue;
    const auto expanded = owner_at(*parts, host.aliases.back());
    if (expanded) return *expanded;
  }
  return std::nullopt;
}

}  // namespace danectl
