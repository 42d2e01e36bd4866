// What `enroll` says of a lineage: what was done, what DNS and its probes show, and what is left to do.
#pragma once

#include "app/store/workshop.hpp"

#include <vector>

namespace danectl {

// What would be written for it, in a dry run.
void say_planned(const Workshop& shop, const LineageConfig& lineage);

void say_enrolled(const Workshop& shop, const LineageConfig& lineage, const Look& look);

// Asks the probes of these lineages, and says what each presents now.
void say_presented(const Workshop& shop, const std::vector<LineageConfig>& lineages);

// The next steps for all of them, numbered, those alone that are still open.
void say_next_steps(const Workshop& shop, const std::vector<LineageConfig>& lineages);

}  // namespace danectl
