// Whether others than root may write what danectl reads as root, or read its keys.
#pragma once

#include "app/store/workshop.hpp"
#include "core/doctor/item.hpp"

namespace danectl {

AreaLook look_at_permissions(const Workshop& shop, const std::vector<LineageConfig>& lineages);

}  // namespace danectl
