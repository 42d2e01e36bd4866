// All verbs.
#pragma once

#include "app/verbs/verb.hpp"

#include <memory>
#include <vector>

namespace danectl {

// In the order of --help.
std::vector<std::unique_ptr<Verb>> all_verbs();

}  // namespace danectl
