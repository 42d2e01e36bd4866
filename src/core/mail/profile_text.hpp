#pragma once

#include "core/dns/association.hpp"

#include <string>

namespace danectl {

// "2x 3 1 1 + 2 1 1": how many records of each (usage, selector, mtype); empty: none.
std::string profile_text(const RRset& records);

}  // namespace danectl
