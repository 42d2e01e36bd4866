// Whether what the configured way to publish needs is on this host: keys, programs, folders. No server is asked.
#pragma once

#include "app/store/workshop.hpp"
#include "core/doctor/item.hpp"

namespace danectl {

// The sections of danectl.toml by which the owners of these lineages are published, each once; without a lineage
// [publish] alone.
std::vector<const PublishConfig*> sections_of(const Workshop& shop, const std::vector<LineageConfig>& lineages);

AreaLook look_at_publishing(const Workshop& shop, const std::vector<LineageConfig>& lineages);

}  // namespace danectl
