// lineages/NAME.toml as `enroll` writes it.
#pragma once

#include "core/config/lineage_config.hpp"

#include <string>

namespace danectl {

// One key a line, every key that `enroll` was given or that a reader should see, others left to their defaults.
std::string write_lineage_config(const LineageConfig& lineage);

}  // namespace danectl
