// What `check` finds in DNS: signatures, servers, TTLs. Pure.
#pragma once

#include "core/check/finding.hpp"
#include "core/dns/inspection.hpp"

#include <vector>

namespace danectl {

struct DnsCheck {
  const OwnerLook& look;
  const Inspection& inspection;  // of all looks; what is of this one is picked out
  Seconds hold_down{};           // the longest of the lineages on the owner: a signature must outlast it
  WallTime now;
  // What senders use instead of this look's records, since its host is an alias; nothing: these.
  const OwnerLook* instead = nullptr;
  std::vector<std::string> lineages{};  // that have this owner in their `tlsa`
};

// For one owner.
std::vector<Finding> check_dns(const DnsCheck& check);

}  // namespace danectl
