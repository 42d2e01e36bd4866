// What `check` has found as the line of a monitoring plugin: Nagios, Icinga and their kin.
#pragma once

#include "app/check/check_view.hpp"

#include <string>

namespace danectl {

// One line, with its end.
std::string check_nagios(const CheckReport& report);

}  // namespace danectl
