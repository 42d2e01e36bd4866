#pragma once

#include "app/frame/workshop.hpp"
#include "core/rollover/gate.hpp"

#include <string>
#include <vector>

namespace danectl {

struct PromoteOptions {
  std::vector<std::string> names;
  HoldDown hold_down = HoldDown::required;
  bool wait = false;  // stay until the next keys are ready
  bool dry_run = false;
};

int promote(const PromoteOptions& options, const Workshop& shop);

}  // namespace danectl
