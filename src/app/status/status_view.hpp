// What `status` shows of a lineage, in either of its formats.
#pragma once

#include "core/rollover/health.hpp"

#include <string>
#include <vector>

namespace danectl {

struct LineageView {
  const LineageConfig& lineage;
  const Facts& facts;
  const Look& look;  // without owners: DNS was not asked
  const Report& report;
  std::string live;  // state_dir/live/NAME
  Instant now;
};

}  // namespace danectl
