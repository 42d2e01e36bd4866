// Facts of one lineage: files, certbot, state and looks put together for the plan. Reads only.
#pragma once

#include "app/publish/places.hpp"

namespace danectl {

// Who asks.
struct Observation {
  Caches caches = Caches::count;
  Asker asker = Asker::unattended;
  std::optional<DnsChange::Does> only{};  // of the changes of DNS; nothing: additions, then deletions
};

// An error only when what is deployed, the state, or a ledger cannot be known. `look`: at the lineage's owners, made
// in this call; without owners: DNS was not asked.
Result<Facts> observe(const Workshop& shop, const LineageConfig& lineage, State state, const Look& look,
                      const Observation& how = {});

// The moment that the rules take for now: the start of the look.
Instant moment_of(const Workshop& shop, const Look& look);

}  // namespace danectl
