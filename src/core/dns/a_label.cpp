#include "core/dns/a_label.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

namespace danectl {
namespace {

using Letters = std::u32string;

// The next character, taken off the text; nothing: this is not UTF-8 (RFC 3629).
std::optional<char32_t> take_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length == 0 || length > text.size() || first > 0xf4) return std::nullopt;
  char32_t character = length == 1 ? first : first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0U) != 0x80) return std::nullopt;
    character = (character << 6U) | (next & 0x3fU);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xd800 && character < 0xe000;
  if (character < least[length] || surrogate || character > 0x10ffff) return std::nullopt;
  text.remove_prefix(length);
  return character;
}

bool is_in(char32_t character, char32_t first, char32_t last) {
  return first <= character && character <= last;
}

// The scripts whose upper case lies at a fixed distance. Of the others letters are taken as they are.
char32_t lower(char32_t c) {
  const bool by_32 =
      is_in(c, 'A', 'Z') || (is_in(c, 0xc0, 0xde) && c != 0xd7) || is_in(c, 0x391, 0x3a9) || is_in(c, 0x410, 0x42f);
  if (by_32) return c + 32;
  if (is_in(c, 0x400, 0x40f)) return c + 80;
  const bool even_is_upper = is_in(c, 0x100, 0x137) || is_in(c, 0x14a, 0x177);
  const bool odd_is_upper = is_in(c, 0x139, 0x148) || is_in(c, 0x179, 0x17e);
  if ((even_is_upper && c % 2 == 0) || (odd_is_upper && c % 2 == 1)) return c + 1;
  return c;
}

// Marks that would be one letter with the one before, and letters that are written in another way in names: what they
// become stands in tables.
bool needs_tables(char32_t c) {
  return is_in(c, 0x300, 0x36f) || is_in(c, 0x1100, 0x11ff) || is_in(c, 0xf900, 0xfaff) || is_in(c, 0xfb00, 0xffef) ||
         c == 0x130 || c == 0x178;
}

// RFC 3492 section 6.1.
std::uint32_t adapted_bias(std::uint32_t delta, std::uint32_t points, bool first) {
  delta = first ? delta / 700 : delta / 2;
  delta += delta / points;
  std::uint32_t k = 0;
  for (; delta > (36 - 1) * 26 / 2; k += 36) delta /= 36 - 1;
  return k + 36 * delta / (delta + 38);
}

char digit(std::uint32_t value) {
  return static_cast<char>(value < 26 ? 'a' + value : '0' + (value - 26));
}

// One number in digits of varying base (RFC 3492 section 3.3).
void add_number(std::string& text, std::uint32_t number, std::uint32_t bias) {
  for (std::uint32_t k = 36;; k += 36) {
    const std::uint32_t threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
    if (number < threshold) break;
    text += digit(threshold + (number - threshold) % (36 - threshold));
    number = (number - threshold) / (36 - threshold);
  }
  text += digit(number);
}

// RFC 3492 section 6.3. A label is short, so that no sum comes near the end of its type.
std::string punycode(const Letters& letters) {
  std::string text;
  for (const char32_t c : letters) {
    if (c < 0x80) text += static_cast<char>(c);
  }
  auto done = static_cast<std::uint32_t>(text.size());
  const std::uint32_t basic = done;
  if (basic > 0) text += '-';
  std::uint32_t least = 0x80;
  std::uint32_t delta = 0;
  std::uint32_t bias = 72;
  while (done < letters.size()) {
    std::uint32_t next = std::numeric_limits<std::uint32_t>::max();
    for (const char32_t c : letters) {
      if (c >= least) next = std::min<std::uint32_t>(next, c);
    }
    delta += (next - least) * (done + 1);
    least = next;
    for (const char32_t c : letters) {
      if (c < least) ++delta;
      if (c != least) continue;
      add_number(text, delta, bias);
      bias = adapted_bias(delta, done + 1, done == basic);
      delta = 0;
      ++done;
    }
    ++delta;
    ++least;
  }
  return text;
}

}  // namespace

std::optional<std::string> with_a_labels(std::string_view utf8_name) {
  constexpr std::size_t longest = 253;
  if (utf8_name.size() > 4 * longest) return std::nullopt;
  std::string name;
  Letters label;
  const auto end_label = [&] {
    const bool ascii = std::all_of(label.begin(), label.end(), [](char32_t c) { return c < 0x80; });
    name += ascii ? std::string(label.begin(), label.end()) : "xn--" + punycode(label);
    label.clear();
  };
  while (!utf8_name.empty()) {
    const auto character = take_character(utf8_name);
    if (!character || needs_tables(*character)) return std::nullopt;
    if (*character == '.') {
      end_label();
      name += '.';
    } else {
      label += lower(*character);
    }
  }
  end_label();
  return name;
}

}  // namespace danectl
