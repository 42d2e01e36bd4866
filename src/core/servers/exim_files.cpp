#include "core/servers/exim_files.hpp"

#include "core/base/lines.hpp"

#include <algorithm>
#include <string>

namespace danectl {

std::vector<ServerFile> exim_files(std::string_view settings) {
  constexpr std::string_view setting = "tls_certificate";
  std::vector<ServerFile> files;
  while (!settings.empty()) {
    const std::string_view line = take_line(settings);
    if (!line.starts_with(setting)) continue;
    const std::size_t sign = line.find('=', setting.size());
    if (sign == line.npos) continue;
    const std::string value(trimmed(line.substr(sign + 1)));
    if (value.find('$') != std::string::npos) continue;
    std::string words = value;
    std::replace(words.begin(), words.end(), ':', ' ');
    std::vector<ServerFile> found;
    add_files(found, {MailProgram::exim, {}, {}, std::string(setting), words, {}, {25, 465, 587}});
    for (ServerFile& file : found) {
      file.value = value;
      files.push_back(std::move(file));
    }
  }
  return files;
}

}  // namespace danectl
