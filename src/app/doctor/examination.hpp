// All that `doctor` looks at.
#pragma once

#include "app/check/watch.hpp"
#include "core/doctor/item.hpp"

#include <vector>

namespace danectl {

// Asks DNS, name servers, probes and the programs of this host; changes nothing. In the order of the areas.
std::vector<Item> examine(const Workshop& shop, const Subjects& subjects);

// What these lineages, enrolled just now, need of this host: neither DNS nor a server is asked, nor certbot itself.
std::vector<Item> examine_host(const Workshop& shop, const std::vector<LineageConfig>& lineages);

}  // namespace danectl
