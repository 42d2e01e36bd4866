// Whether the programs of a lineage's `reload` can be started.
#pragma once

#include "app/store/workshop.hpp"
#include "core/doctor/item.hpp"

namespace danectl {

AreaLook look_at_reloads(const Workshop& shop, const std::vector<LineageConfig>& lineages);

}  // namespace danectl
