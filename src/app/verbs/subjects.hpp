// What `check` and `doctor` are to look at, as their words on the command line say.
#pragma once

#include "app/check/watch.hpp"

#include <string>
#include <vector>

namespace danectl {

// Names of enrolled lineages, and URLs of servers; no word: all lineages that are enrolled, be it none.
Result<Subjects> choose_subjects(const Workshop& shop, const std::vector<std::string>& words);

}  // namespace danectl
