// Which configuration files of servers on this host name a path?
#pragma once

#include "ports/files.hpp"

#include <string>
#include <vector>

namespace danectl {

// Files below the usual folders in /etc that contain `path`, sorted. What may not be read is passed over: it is a help
// for a person and proves nothing.
std::vector<std::string> references_to(Files& files, const std::string& path);

}  // namespace danectl
