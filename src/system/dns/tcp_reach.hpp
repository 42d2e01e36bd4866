// Whether name servers take connections by TCP.
#pragma once

#include "core/base/time.hpp"

#include <map>
#include <string>
#include <vector>

namespace danectl {

// Those of these addresses to which no connection came about at port 53 within `limit`, and why; all are tried side by
// side. Nothing is sent.
std::map<std::string, std::string> not_reached_by_tcp(const std::vector<std::string>& addresses, Milliseconds limit);

}  // namespace danectl
