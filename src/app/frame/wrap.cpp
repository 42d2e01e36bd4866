#include "app/frame/wrap.hpp"

#include <algorithm>
#include <vector>

namespace danectl {
namespace {

// A label is no longer than this.
constexpr std::size_t widest_label = 14;
constexpr char escape = '\x1b';

bool continues_a_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Where the text begins that the rest of the line stands below.
std::size_t hanging(std::string_view line) {
  const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
  const std::size_t gap = line.find("  ", begin);
  const std::size_t behind_label = gap == line.npos ? line.npos : line.find_first_not_of(' ', gap);
  if (behind_label != line.npos && columns_of(line.substr(begin, gap - begin)) <= widest_label) {
    return columns_of(line.substr(0, behind_label));
  }
  return begin + 2;
}

std::string wrapped_line(std::string_view line, std::size_t columns) {
  const std::size_t indent = hanging(line);
  if (columns_of(line) <= columns || indent >= columns / 2) return std::string(line);
  std::string text;
  std::size_t taken = 0;
  // Blanks at its begin, and those behind a label, are part of the line.
  std::size_t at = 0;
  while (at < line.size()) {
    const std::size_t word = line.find_first_not_of(' ', at);
    if (word == line.npos) break;
    const std::size_t end = std::min(line.find(' ', word), line.size());
    const std::string_view piece = line.substr(at, end - at);
    if (taken > indent && taken + columns_of(piece) > columns) {
      text += '\n' + std::string(indent, ' ');
      text += line.substr(word, end - word);
      taken = indent + columns_of(line.substr(word, end - word));
    } else {
      text += piece;
      taken += columns_of(piece);
    }
    at = end;
  }
  return text;
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == escape) {
      i = std::min(text.find('m', i), text.size());
    } else if (!continues_a_character(text[i])) {
      ++columns;
    }
  }
  return columns;
}

std::string wrapped(std::string_view text, std::size_t columns) {
  if (columns == 0) return std::string(text);
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines += wrapped_line(text.substr(0, end), columns);
    if (end < text.size()) lines += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace danectl
