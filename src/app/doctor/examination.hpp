// All that `doctor` looks at.
#pragma once

#include "app/check/watch.hpp"
#include "core/doctor/item.hpp"

#include <vector>

namespace danectl {

// Asks DNS, name servers, probes and the programs of this host; changes nothing. In the order of the areas.
std::vector<Item> examine(const Workshop& shop, const Subjects& subjects);

}  // namespace danectl
