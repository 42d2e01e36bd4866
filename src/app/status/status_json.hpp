// A lineage as `status --json` shows it.
#pragma once

#include "app/status/status_view.hpp"

#include <nlohmann/json_fwd.hpp>

namespace danectl {

// The object of `status --json` (danectl(1)); what needs DNS is null when it was not asked.
nlohmann::ordered_json status_json(const LineageView& view);

}  // namespace danectl
