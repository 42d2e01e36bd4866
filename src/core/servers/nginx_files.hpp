// The certificate files that nginx loads, out of what `nginx -T` prints.
#pragma once

#include "core/servers/server_file.hpp"

#include <string_view>
#include <vector>

namespace danectl {

// `ssl_certificate` of each server {}, with the ports of its `listen`; outside of a server {} it is for any port. A
// path with a variable in it tells nothing.
std::vector<ServerFile> nginx_files(std::string_view configuration);

}  // namespace danectl
