#pragma once

#include <string>

namespace danectl {

// "danectl 0.1.0" and, a line each, the libraries it runs with.
std::string version_text();

}  // namespace danectl
