// `danectl promote [NAME...]`: makes the next key the current one, once its records may be relied on (DESIGN section
// 3).
#pragma once

#include "app/workshop.hpp"
#include "core/gate.hpp"

namespace danectl {

struct PromoteOptions {
  std::vector<std::string> names;
  HoldDown hold_down = HoldDown::required;
};

int promote(const PromoteOptions& options, const Workshop& shop);

}  // namespace danectl
