// The certificate files that Exim loads, out of what `exim -bP tls_certificate` prints.
#pragma once

#include "core/servers/server_file.hpp"

#include <string_view>
#include <vector>

namespace danectl {

// "tls_certificate = FILE : FILE". A value that Exim expands for each connection tells nothing.
std::vector<ServerFile> exim_files(std::string_view settings);

}  // namespace danectl
