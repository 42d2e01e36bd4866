// Where certbot looks for its cli.ini, whatever its --config-dir.
#pragma once

#include <string>
#include <vector>

namespace danectl {

// In the order in which certbot reads them, whether they are there or not: the host's, then that of this user by
// XDG_CONFIG_HOME or the home folder.
std::vector<std::string> certbot_cli_inis();

}  // namespace danectl
