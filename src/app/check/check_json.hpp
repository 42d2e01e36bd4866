// What `check` has found as a JSON document.
#pragma once

#include "app/check/check_view.hpp"

#include <nlohmann/json_fwd.hpp>

namespace danectl {

// danectl(1): version, status, findings.
nlohmann::ordered_json check_json(const CheckReport& report);

}  // namespace danectl
