#include "app/certbot/certbot_host.hpp"

namespace danectl {

const std::vector<CliSetting>& CertbotHost::settings(Files& files, const std::vector<std::string>& cli_inis) {
  if (settings_) return *settings_;
  settings_.emplace();
  for (const std::string& file : cli_inis) {
    const auto text = files.read(file);
    if (!text) continue;
    const std::vector<CliSetting> settings = read_cli_ini(*text, file);
    settings_->insert(settings_->end(), settings.begin(), settings.end());
  }
  return *settings_;
}

std::optional<Error> CertbotHost::against_reuse(Files& files, const std::vector<std::string>& cli_inis, KeyType type) {
  return danectl::against_reuse(settings(files, cli_inis), type);
}

bool CertbotHost::reuses_keys_by_default(Files& files, const std::vector<std::string>& cli_inis) {
  return danectl::reuses_keys_by_default(settings(files, cli_inis));
}

std::optional<Error> CertbotHost::not_found(Processes& processes, const std::string& program) {
  if (!program_) program_ = processes.find(program);
  if (program_->ok()) return std::nullopt;
  return failed(
      "no certificate can be got for the next key: " + program_->error().what,
      "set `certbot` in danectl.toml to its path, such as /snap/bin/certbot; where it runs in a container, to a "
      "script that calls it there");
}

}  // namespace danectl
