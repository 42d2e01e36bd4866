// What `check` has found as metrics, in the text format of Prometheus.
#pragma once

#include "app/check/check_view.hpp"

#include <string>

namespace danectl {

std::string check_prometheus(const CheckReport& report);

}  // namespace danectl
