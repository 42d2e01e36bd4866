#include "core/servers/server_file.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {

std::string_view to_text(MailProgram program) {
  switch (program) {
    case MailProgram::postfix:
      return "Postfix";
    case MailProgram::exim:
      return "Exim";
    case MailProgram::dovecot:
      return "Dovecot";
    case MailProgram::nginx:
      break;
  }
  return "nginx";
}

std::string where_it_stands(const ServerFile& file) {
  return fmt::format("{} ({}{}{})", to_text(file.program), file.place, file.place.empty() ? "" : ", ", file.setting);
}

bool is_for_port(const ServerFile& file, std::uint16_t port) {
  return file.ports.empty() || std::find(file.ports.begin(), file.ports.end(), port) != file.ports.end();
}

void add_files(std::vector<ServerFile>& files, const ServerFile& model) {
  constexpr std::string_view separators = ", \t\r\n";
  std::string_view rest = model.value;
  while (true) {
    const std::size_t begin = std::min(rest.find_first_not_of(separators), rest.size());
    rest.remove_prefix(begin);
    if (rest.empty()) return;
    const std::size_t end = std::min(rest.find_first_of(separators), rest.size());
    const std::string_view word = rest.substr(0, end);
    if (word.starts_with('/')) {
      files.push_back(model);
      files.back().path = word;
    }
    rest.remove_prefix(end);
  }
}

}  // namespace danectl
