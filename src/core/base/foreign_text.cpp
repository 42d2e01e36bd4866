#include "core/base/foreign_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace danectl {
namespace {

struct Character {
  std::size_t octets = 1;
  char32_t code = 0xFFFD;  // also for what is not UTF-8 (RFC 3629)
};

Character first_character(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = octet(0);
  if (lead < 0x80) return {1, lead};
  const std::size_t octets = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < octets) return {};
  char32_t code = lead & (0xFFU >> (octets + 1));
  for (std::size_t i = 1; i < octets; ++i) {
    if ((octet(i) & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (octet(i) & 0x3FU);
  }
  const bool overlong = (octets == 3 && code < 0x800) || (octets == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return overlong || surrogate || code > 0x10FFFF ? Character{} : Character{octets, code};
}

struct Span {
  char32_t first;
  char32_t last;
};

// C0 and C1 controls, those that turn the direction of a line, and those that nobody sees: a name that was copied with
// one of these looks like another one.
constexpr std::array<Span, 11> harmful_spans{{{0, 0x1F},
                                              {0x7F, 0x9F},
                                              {0xAD, 0xAD},
                                              {0x61C, 0x61C},
                                              {0x180E, 0x180E},
                                              {0x200B, 0x200F},
                                              {0x2028, 0x202E},
                                              {0x2060, 0x206F},
                                              {0xFEFF, 0xFEFF},
                                              {0xFFF9, 0xFFFD},
                                              {0xE0000, 0xE0FFF}}};

bool harmful(char32_t code) {
  return std::any_of(harmful_spans.begin(), harmful_spans.end(),
                     [&](const Span& span) { return code >= span.first && code <= span.last; });
}

bool blank(char32_t code) {
  return code == ' ' || code == '\n' || code == '\r' || code == '\t';
}

}  // namespace

std::string printable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const auto [octets, code] = first_character(text);
    const bool kept = code == '\n' || !harmful(code);
    clean += kept ? text.substr(0, octets) : std::string_view(code == '\t' ? " " : "?");
    text.remove_prefix(octets);
  }
  return clean;
}

std::string one_line(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const auto [octets, code] = first_character(text);
    if (blank(code)) {
      if (!line.empty() && line.back() != ' ') line += ' ';
    } else {
      line += harmful(code) ? std::string_view("?") : text.substr(0, octets);
    }
    text.remove_prefix(octets);
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace danectl
