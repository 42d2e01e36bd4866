#pragma once

#include "app/status/timeline.hpp"

#include <string>
#include <vector>

namespace danectl {

// All timelines as one picture (SVG 1.1), one below the other. Its colours are light or dark as the reader's are.
std::string timeline_svg(const std::vector<Timeline>& timelines);

}  // namespace danectl
