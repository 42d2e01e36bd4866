// A lineage as `status` shows it to a person.
#pragma once

#include "app/frame/output.hpp"
#include "app/status/status_view.hpp"

#include <string>

namespace danectl {

std::string status_text(const LineageView& view, const Output& output);

}  // namespace danectl
