#include "core/servers/loaded_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace danectl {
namespace {

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

// Both folders have files of these names.
bool has_certbots_name(const std::string& path) {
  constexpr std::array<std::string_view, 4> names{"cert.pem", "chain.pem", "fullchain.pem", "privkey.pem"};
  return std::find(names.begin(), names.end(), path.substr(path.rfind('/') + 1)) != names.end();
}

// The list of smtpd_tls_chain_files, with one combined.pem in place of all files of that folder.
std::string with_combined(const ServerFile& file, const std::string& live) {
  std::vector<ServerFile> words;
  add_files(words, file);
  const std::string combined = live + "/combined.pem";
  std::string list;
  bool put = false;
  for (const ServerFile& word : words) {
    const bool replaced = folder_of(word.path) == folder_of(file.path);
    if (replaced && put) continue;
    put = put || replaced;
    list += (list.empty() ? "" : ", ") + (replaced ? combined : word.path);
  }
  return list;
}

// "smtpd_tls_eckey_file" of "smtpd_tls_eccert_file"
std::string key_setting(std::string setting) {
  const std::size_t at = setting.find("cert_file");
  return at == std::string::npos ? setting : setting.replace(at, 4, "key");
}

// A chain file is read at once: key and certificate always fit. It would take the place of all certificate files.
bool may_be_chain_file(const ServerFile& file, const std::vector<ServerFile>& all) {
  return std::none_of(all.begin(), all.end(), [&](const ServerFile& other) {
    return other.program == MailProgram::postfix && other.place == file.place && other.setting != file.setting;
  });
}

std::string for_postfix(const ServerFile& file, const std::vector<ServerFile>& all, const std::string& live) {
  constexpr std::string_view chain_files = "smtpd_tls_chain_files";
  if (const std::size_t colon = file.place.find(":/"); colon != std::string::npos) {
    return fmt::format("sed -i 's|{}|{}|' {} && postmap -F {} && postfix reload", file.value, with_combined(file, live),
                       file.place.substr(colon + 1), file.place);
  }
  std::vector<std::string> settings;
  if (file.setting == chain_files) {
    settings.push_back(fmt::format("{}={}", chain_files, with_combined(file, live)));
  } else if (may_be_chain_file(file, all)) {
    settings.push_back(fmt::format("{}={}/combined.pem", chain_files, live));
  } else {
    settings.push_back(fmt::format("{}={}/fullchain.pem", file.setting, live));
    settings.push_back(fmt::format("{}={}/privkey.pem", key_setting(file.setting), live));
  }
  std::string command = file.place.empty() ? "postconf -e" : "postconf -P";
  for (const std::string& setting : settings) {
    command += fmt::format(" '{}{}{}'", file.place, file.place.empty() ? "" : "/", setting);
  }
  return command + " && " + reload_command(file.program);
}

struct Words {
  std::string certificate;  // settings, where no command can be given
  std::string key;
  std::string folder;  // where its configuration is
};

Words words_of(const ServerFile& file) {
  const std::string folder = file.configuration.empty() ? std::string() : folder_of(file.configuration);
  if (file.program == MailProgram::exim) return {"tls_certificate = ", "tls_privatekey = ", "/etc/exim4"};
  if (file.program == MailProgram::nginx) return {"ssl_certificate ", "ssl_certificate_key ", folder};
  const bool before_2_4 = file.setting.find("_file") == std::string::npos;
  const std::string prefix = file.setting.substr(0, file.setting.rfind("cert"));
  return {prefix + (before_2_4 ? "cert = <" : "cert_file = "), prefix + (before_2_4 ? "key = <" : "key_file = "),
          folder.empty() ? "/etc/dovecot" : folder};
}

}  // namespace

std::span<const LoadedFile> LoadedFiles::of(const std::string& lineage) const {
  const auto begin = std::ranges::lower_bound(files, lineage, {}, &LoadedFile::lineage);
  const auto end = std::ranges::upper_bound(files, lineage, {}, &LoadedFile::lineage);
  return {begin, end};
}

std::string reload_command(MailProgram program) {
  switch (program) {
    case MailProgram::postfix:
      return "postfix reload";
    case MailProgram::exim:
      return "systemctl restart exim4";
    case MailProgram::dovecot:
      return "doveadm reload";
    case MailProgram::nginx:
      break;
  }
  return "nginx -s reload";
}

std::string how_to_load(const ServerFile& file, const std::vector<ServerFile>& all, const std::string& live) {
  if (file.program == MailProgram::postfix) return for_postfix(file, all, live);
  const Words words = words_of(file);
  const std::string reload = reload_command(file.program);
  if (!has_certbots_name(file.path)) {
    return fmt::format("set {0}{2}/fullchain.pem and {1}{2}/privkey.pem in {3}, then: {4}", words.certificate,
                       words.key, live, file.configuration.empty() ? words.folder : file.configuration, reload);
  }
  const std::string edit = fmt::format("sed -i 's|{}/|{}/|'", folder_of(file.path), live);
  // Only nginx tells the very file.
  const bool known = file.program == MailProgram::nginx && !file.configuration.empty();
  return known ? fmt::format("{} {} && {}", edit, file.configuration, reload)
               : fmt::format("grep -rlF {}/ {} | xargs {} && {}", folder_of(file.path), words.folder, edit, reload);
}

}  // namespace danectl
