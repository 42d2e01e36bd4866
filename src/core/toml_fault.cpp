#include "core/toml_fault.hpp"

#include <algorithm>

namespace danectl {

namespace {

// What begins at the front of the text: a string of one of the four kinds, a comment, or nothing; it is named by what
// ends it.
std::string_view opened_by(std::string_view text) {
  for (const std::string_view quotes : {R"(""")", "'''", "\"", "'"}) {
    if (text.starts_with(quotes)) return quotes;
  }
  return text.starts_with('#') ? "\n" : std::string_view();
}

// The length of a string or comment from its opening to behind its end. One that is open at the end of its line or of
// the text is broken, and the parser will say so.
std::size_t length_of(std::string_view text, std::string_view end) {
  if (end == "\n") return std::min(text.find('\n'), text.size());
  const bool one_line = end.size() == 1;
  for (std::size_t at = end.size(); at < text.size(); ++at) {
    if (end.front() == '"' && text[at] == '\\') {
      ++at;
    } else if (one_line && text[at] == '\n') {
      return at;
    } else if (text.substr(at).starts_with(end)) {
      at += end.size();
      // Up to two quotes may stand before the three that end it.
      for (int more = 0; !one_line && more < 2 && text.substr(at).starts_with(end.front()); ++more) ++at;
      return at;
    }
  }
  return text.size();
}

}  // namespace

std::optional<TomlFault> find_toml_fault(std::string_view toml) {
  constexpr int most_dots = 32;
  const auto fault = [&](std::size_t at, std::string_view what) {
    const auto breaks = std::count(toml.begin(), toml.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    return TomlFault{1 + static_cast<std::size_t>(breaks), what};
  };
  std::size_t at = toml.starts_with("\xef\xbb\xbf") ? 3 : 0;  // a byte order mark
  int dots = 0;
  while (at < toml.size()) {
    const std::string_view rest = toml.substr(at);
    if (const std::string_view end = opened_by(rest); !end.empty()) {
      at += length_of(rest, end);
      continue;
    }
    if (static_cast<unsigned char>(toml[at]) >= 0x80)
      return fault(at, "a character that is not ASCII outside a string");
    if (toml[at] == '\n') dots = 0;
    if (toml[at] == '.' && ++dots > most_dots) return fault(at, "a key of too many parts");
    ++at;
  }
  return std::nullopt;
}

}  // namespace danectl
