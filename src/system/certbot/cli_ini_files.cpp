#include "system/certbot/cli_ini_files.hpp"

#include <cstdlib>

namespace danectl {

std::vector<std::string> certbot_cli_inis() {
  std::vector<std::string> files{"/etc/letsencrypt/cli.ini"};
  const char* const config = std::getenv("XDG_CONFIG_HOME");
  const char* const home = std::getenv("HOME");
  if (config != nullptr && *config != '\0') {
    files.push_back(std::string(config) + "/letsencrypt/cli.ini");
  } else if (home != nullptr && *home != '\0') {
    files.push_back(std::string(home) + "/.config/letsencrypt/cli.ini");
  }
  return files;
}

}  // namespace danectl
