#include "app/verbs/enroll_owners.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

bool contains(const std::vector<DnsName>& owners, const DnsName& owner) {
  return std::find(owners.begin(), owners.end(), owner) != owners.end();
}

// Whether the hosts of these owners are aliases. Of the looks nothing but the owner is needed for that.
Inspection inspect_hosts(const Workshop& shop, const std::vector<DnsName>& owners) {
  std::vector<OwnerLook> looks;
  for (const DnsName& owner : owners) looks.emplace_back().owner = owner;
  return shop.world.inspector(shop.config())->inspect(looks);
}

// Bogus answers tell no more than none.
Status check_known(const Inspection& inspection, const ProbeUrl& url) {
  for (const HostInspection& host : inspection.hosts) {
    if (host.host != url.host) continue;
    if (host.addresses == Dnssec::secure || host.addresses == Dnssec::insecure) return {};
    return not_yet(fmt::format("whether {} is an alias is not known, so neither is the owner of its records{}{}",
                               url.host.text(), host.why.empty() ? "" : ": ", host.why),
                   fmt::format("try again when DNS answers, or name the owner besides: --tlsa {} if it is none",
                               url.owner().text()));
  }
  return {};
}

void say_owner(const Workshop& shop, const ProbeUrl& named, const ProbeUrl& url) {
  if (shop.output.verbosity == Verbosity::quiet) return;
  shop.output.out << fmt::format(
      "{} is an alias of {}: senders look for records at {} first, so owner and probe are of that name\n",
      named.host.text(), url.host.text(), url.owner().text());
}

void warn_of_owner(const Workshop& shop, const DnsName& owner, const DnsName& expanded) {
  const auto named = parse_owner(owner);
  const auto used = parse_owner(expanded);
  if (!named || !used) return;
  shop.output.warn(
      fmt::format("{} is an alias of {}: senders look for records at {} first, and use those at {} only while there "
                  "are none (RFC 7672 section 2.2.3)",
                  named->host.text(), used->host.text(), expanded.text(), owner.text()),
      fmt::format("where you may publish there, put \"{}\" in place of \"{}\" into `tlsa` before anything is published",
                  expanded.text(), owner.text()));
}

}  // namespace

Status find_owners(const Workshop& shop, LineageConfig& lineage) {
  const std::vector<DnsName> named = lineage.tlsa;
  std::vector<DnsName> owners = named;
  for (const ProbeUrl& url : lineage.probe) {
    if (!contains(owners, url.owner())) owners.push_back(url.owner());
  }
  const Inspection inspection = inspect_hosts(shop, owners);
  for (ProbeUrl& url : lineage.probe) {
    if (contains(named, url.owner())) continue;
    if (auto known = check_known(inspection, url); !known) return known;
    if (const auto expanded = expanded_owner(url.owner(), inspection)) {
      const ProbeUrl before = url;
      url.host = parse_owner(*expanded)->host;
      say_owner(shop, before, url);
    }
    if (!contains(lineage.tlsa, url.owner())) lineage.tlsa.push_back(url.owner());
  }
  for (const DnsName& owner : named) {
    const auto expanded = expanded_owner(owner, inspection);
    if (expanded && !contains(lineage.tlsa, *expanded)) warn_of_owner(shop, owner, *expanded);
  }
  return {};
}

}  // namespace danectl
