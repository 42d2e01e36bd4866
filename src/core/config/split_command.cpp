#include "core/config/split_command.hpp"

#include "core/config/config_values.hpp"

#include <fmt/format.h>

namespace danectl {

namespace {

constexpr const char* way_out =
    "commands are started without a shell: name a script that does it, or write the arguments as an array in "
    "lineages/NAME.toml";

// What a shell would expand or take for a comment, where no quote protects it.
bool shell_only(char c, const std::string& word) {
  return std::string_view("*?[()").find(c) != std::string_view::npos || (word.empty() && (c == '~' || c == '#'));
}

// Takes one word off the front, quotes and backslashes resolved (POSIX shell, section 2.2).
Result<std::string> next_word(std::string_view& text) {
  const auto endless = invalid("a quote or a backslash has no end", "close each quote");
  std::string word;
  char quote = '\0';
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    const bool more = at + 1 < text.size();
    if (quote == '\0' && (c == ' ' || c == '\t')) break;
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote == '\0') {
      if (!more) return endless;
      word += text[++at];
    } else if (c == '\\' && quote == '"' && more && (text[at + 1] == '"' || text[at + 1] == '\\')) {
      word += text[++at];
    } else if (quote == '\0' && shell_only(c, word)) {
      return invalid(fmt::format("a '{}' outside quotes is for a shell to expand", c), way_out);
    } else {
      word += c;
    }
  }
  if (quote != '\0') return endless;
  text.remove_prefix(at);
  return word;
}

}  // namespace

Result<std::vector<std::string>> split_command(std::string_view text) {
  for (const char c : text) {
    if (std::string_view("|;&$<>`").find(c) != std::string_view::npos) {
      return invalid(fmt::format("'{}' has a '{}', which only a shell understands", text, c), way_out);
    }
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) {
      return invalid("the command has a line break or another control character", way_out);
    }
  }
  std::vector<std::string> argv;
  std::string_view rest = text;
  while (true) {
    while (rest.starts_with(' ') || rest.starts_with('\t')) rest.remove_prefix(1);
    if (rest.empty()) break;
    auto word = next_word(rest);
    if (!word) return invalid(fmt::format("'{}': {}", text, word.error().what), word.error().hint);
    argv.push_back(std::move(*word));
  }
  if (argv.empty()) return invalid("the command is empty", "give a program and its arguments");
  if (const Status status = check_command(argv); !status) return status.error();
  return argv;
}

}  // namespace danectl
