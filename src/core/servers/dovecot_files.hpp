// The certificate files that Dovecot loads, out of what `doveconf -n` prints.
#pragma once

#include "core/servers/server_file.hpp"

#include <string_view>
#include <vector>

namespace danectl {

// Of Dovecot 2.3 (`ssl_cert = <FILE`) and 2.4 (`ssl_server { cert_file = FILE }`); in `local_name HOST { }` and other
// sections as well.
std::vector<ServerFile> dovecot_files(std::string_view configuration);

}  // namespace danectl
