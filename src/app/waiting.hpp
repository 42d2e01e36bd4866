// `promote --wait`.
#pragma once

#include "app/workshop.hpp"
#include "core/gate.hpp"

namespace danectl {

// Looks, says how far it is, and sleeps, until the next key of each lineage is ready; the lock is free meanwhile, and
// the looks are written down. A terminal gets a bar that is drawn anew, a pipe a line a minute. What waiting cannot
// mend ends it: the exit code is then not 0.
int wait_until_ready(const Workshop& shop, const std::vector<LineageConfig>& lineages, HoldDown hold_down);

}  // namespace danectl
