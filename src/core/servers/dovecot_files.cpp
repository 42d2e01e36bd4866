#include "core/servers/dovecot_files.hpp"

#include "core/base/lines.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace danectl {
namespace {

const std::vector<std::uint16_t> dovecot_ports{110, 143, 465, 587, 993, 995, 4190};

// As it may be written without sections: "ssl_server { cert_file" is ssl_server_cert_file.
bool is_certificate(std::string_view name) {
  constexpr std::array<std::string_view, 4> names{"ssl_cert", "ssl_alt_cert", "ssl_server_cert_file",
                                                  "ssl_server_alt_cert_file"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The first line is "# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf".
std::string main_file_of(std::string_view configuration) {
  if (configuration.empty()) return {};
  const std::string_view line = trimmed(take_line(configuration));
  const std::size_t begin = line.find(": /");
  return line.starts_with('#') && begin != line.npos ? std::string(line.substr(begin + 2)) : std::string();
}

}  // namespace

std::vector<ServerFile> dovecot_files(std::string_view configuration) {
  std::vector<ServerFile> files;
  std::vector<std::string> sections;
  const std::string main_file = main_file_of(configuration);
  while (!configuration.empty()) {
    const std::string_view line = trimmed(take_line(configuration));
    if (line.ends_with('{')) {
      sections.emplace_back(trimmed(line.substr(0, line.size() - 1)));
    } else if (line == "}" && !sections.empty()) {
      sections.pop_back();
    } else if (const std::size_t sign = line.find('='); sign != line.npos && !line.starts_with('#')) {
      std::string name(trimmed(line.substr(0, sign)));
      std::string place;
      for (const std::string& section : sections) {
        if (section == "ssl_server") {
          name.insert(0, "ssl_server_");
        } else {
          place += (place.empty() ? "" : " ") + section;
        }
      }
      std::string_view value = trimmed(line.substr(sign + 1));
      while (value.starts_with('<')) value = trimmed(value.substr(1));
      // The path may have blanks in it.
      if (is_certificate(name) && value.starts_with('/')) {
        files.push_back(
            {MailProgram::dovecot, main_file, place, name, std::string(value), std::string(value), dovecot_ports});
      }
    }
  }
  return files;
}

}  // namespace danectl
