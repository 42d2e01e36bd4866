// A text line by line.
#pragma once

#include <algorithm>
#include <string_view>

namespace danectl {

inline constexpr std::string_view line_blanks = " \t\r\f\v";

// Without the blanks around it.
inline std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(line_blanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(line_blanks) - begin + 1);
}

// Takes the first line off `text`, and gives it without its end. REQUIRES: `text` is not empty.
inline std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace danectl
