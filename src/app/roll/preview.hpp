// `--dry-run`: the step that the real call would begin with, from the same plan.
#pragma once

#include "app/roll/roll.hpp"
#include "app/store/each_lineage.hpp"

namespace danectl {

int preview_each(const Workshop& shop, const Result<std::vector<LineageConfig>>& lineages, RollMode mode,
                 Caches caches);

}  // namespace danectl
