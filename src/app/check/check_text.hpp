// What `check` has found, for a person.
#pragma once

#include "app/check/check_view.hpp"

#include <string>

namespace danectl {

std::string check_text(const CheckReport& report, const Output& output);

}  // namespace danectl
