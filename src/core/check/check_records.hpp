// What `check` finds in the TLSA records themselves, and in how they fit the lineages of this host. Pure.
#pragma once

#include "core/check/finding.hpp"
#include "core/keys/certificate.hpp"
#include "core/rollover/facts.hpp"

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
  const std::vector<Chain>& presented;  // by the servers of this owner, each distinct chain once
  Instant now;
};

// For one owner.
std::vector<Finding> check_records(const RecordsCheck& check);

// For one lineage: of what it wants published, its owners must have the same.
std::vector<Finding> check_owners_agree(const LineageFacts& lineage, const std::vector<OwnerLook>& looks);

// Keys that several lineages serve, where danectl.toml says that none is shared.
std::vector<Finding> check_shared_keys(const std::vector<LineageFacts>& lineages, const CheckConfig& config);

}  // namespace danectl
