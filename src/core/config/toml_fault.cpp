#include "core/config/toml_fault.hpp"

#include <algorithm>

namespace danectl {

namespace {

bool is_beyond_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

// What begins at `at`: a string of one of the four kinds, a comment, or nothing; it is named by what ends it. A quote
// within a bare value begins nothing: the parser reads on to the end of the value before it finds it wrong.
std::string_view opened_at(std::string_view toml, std::size_t at) {
  const std::string_view text = toml.substr(at);
  if (text.starts_with('#')) return "\n";
  constexpr std::string_view before_strings = " \t\r\n=[{,.\"'\xbf";  // the last: of a byte order mark
  if (at > 0 && before_strings.find(toml[at - 1]) == std::string_view::npos) return {};
  for (const std::string_view quotes : {R"(""")", "'''", "\"", "'"}) {
    if (text.starts_with(quotes)) return quotes;
  }
  return {};
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
  constexpr std::string_view stray = "a character that is not ASCII outside a string";
  const auto fault = [&](std::size_t at, std::string_view what) {
    const auto breaks = std::count(toml.begin(), toml.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    return TomlFault{1 + static_cast<std::size_t>(breaks), what};
  };
  std::size_t at = toml.starts_with("\xef\xbb\xbf") ? 3 : 0;  // a byte order mark
  int dots = 0;
  while (at < toml.size()) {
    if (const std::string_view end = opened_at(toml, at); !end.empty()) {
      const std::string_view quoted = toml.substr(at, length_of(toml.substr(at), end));
      // Behind a dot a quote may begin the part of a key, or stand in a broken number; no key of ours needs it.
      const bool in_doubt = at > 0 && toml[at - 1] == '.' && end != "\n";
      if (in_doubt && std::any_of(quoted.begin(), quoted.end(), is_beyond_ascii)) return fault(at, stray);
      at += quoted.size();
      continue;
    }
    if (is_beyond_ascii(toml[at])) return fault(at, stray);
    if (toml[at] == '\n') dots = 0;
    if (toml[at] == '.' && ++dots > most_dots) return fault(at, "a key of too many parts");
    ++at;
  }
  return std::nullopt;
}

}  // namespace danectl
