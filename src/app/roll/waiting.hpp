// `promote --wait`.
#pragma once

#include "app/store/workshop.hpp"
#include "core/rollover/held.hpp"

namespace danectl {

// Looks, says how far it is and why not further, and sleeps, until the next key of each lineage is ready; the lock is
// free meanwhile, and the looks are written down. A terminal gets a bar that is drawn anew, a pipe a line a minute. A
// lineage that waiting cannot mend is told of and taken out of `lineages`. Returns the worst exit code.
int wait_until_ready(const Workshop& shop, std::vector<LineageConfig>& lineages, Caches caches);

}  // namespace danectl
