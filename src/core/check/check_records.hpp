// What `check` finds in the TLSA records themselves, and in how they fit the lineages of this host. Pure.
#pragma once

#include "core/check/finding.hpp"
#include "core/keys/certificate.hpp"
#include "core/rollover/facts.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace danectl {

// A lineage of this host and what was observed of it.
struct LineageFacts {
  const LineageConfig& lineage;
  const Facts& facts;
};

struct RecordsCheck {
  const OwnerLook& look;
  // On this owner; none: a host of others. Those of other owners that lead to the same records by aliases may be among
  // them: then what they have there is known.
  const std::vector<LineageFacts>& lineages;
  // By the servers of this owner to who sends the name, as every DANE sender does (RFC 7671 section 3); each distinct
  // chain once.
  const std::vector<Chain>& presented;
  Instant now;
  // The owner whose records senders do not use, as its host is an alias: the lineages on it are judged by this look.
  std::optional<DnsName> in_place_of{};
  std::vector<Chain> without_sni{};  // presented to who sends no name
  // The lineage of this host, whatever its owners, that has or had the key of a record; empty: none.
  std::function<std::string(const Association&)> holder{};
};

// Whether the lineage has this owner in its `tlsa`.
bool is_on(const LineageConfig& lineage, const DnsName& owner);

// For one owner.
std::vector<Finding> check_records(const RecordsCheck& check);

// For one lineage: of what it wants published, its owners must have the same.
std::vector<Finding> check_owners_agree(const LineageFacts& lineage, const std::vector<OwnerLook>& looks);

// Keys that several lineages serve, where danectl.toml says that none is shared.
std::vector<Finding> check_shared_keys(const std::vector<LineageFacts>& lineages, const CheckConfig& config);

}  // namespace danectl
