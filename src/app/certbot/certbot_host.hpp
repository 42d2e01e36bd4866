// The certbot of this host: its program and its cli.ini files, each looked at once a call.
#pragma once

#include "core/certbot/cli_ini.hpp"
#include "ports/files.hpp"
#include "ports/processes.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

class CertbotHost {
 public:
  // What in the cli.ini files keeps certbot from going on with a key of this type. A file that is not there or may not
  // be read says nothing.
  std::optional<Error> against_reuse(Files& files, const std::vector<std::string>& cli_inis, KeyType type);

  // Whether a cli.ini file says `reuse-key = true`.
  bool reuses_keys_by_default(Files& files, const std::vector<std::string>& cli_inis);

  // Why certbot cannot be started, and what to do; nothing: it can.
  std::optional<Error> not_found(Processes& processes, const std::string& program);

 private:
  const std::vector<CliSetting>& settings(Files& files, const std::vector<std::string>& cli_inis);

  std::optional<std::vector<CliSetting>> settings_;
  std::optional<Result<std::string>> program_;
};

}  // namespace danectl
