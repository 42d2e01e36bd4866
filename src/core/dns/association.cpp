#include "core/dns/association.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace danectl {

namespace {

constexpr std::string_view blanks = " \t";

// A TLSA record is RDATA, which has 16 bits for its length (RFC 1035 section 3.2.1); three octets are the numbers.
constexpr std::size_t longest_hex = 2UL * (65535 - 3);

std::string_view without_leading_blanks(std::string_view text) {
  const auto start = text.find_first_not_of(blanks);
  return start == std::string_view::npos ? std::string_view{} : text.substr(start);
}

// Takes the next word off the front.
std::string_view take_word(std::string_view& text) {
  text = without_leading_blanks(text);
  const std::string_view word = text.substr(0, text.find_first_of(blanks));
  text.remove_prefix(word.size());
  return word;
}

std::optional<std::uint8_t> octet(std::string_view word) {
  std::uint8_t value = 0;
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || problem != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::optional<Group> take_group(std::string_view& text) {
  const auto usage = octet(take_word(text));
  const auto selector = octet(take_word(text));
  const auto mtype = octet(take_word(text));
  if (!usage || !selector || !mtype) return std::nullopt;
  return Group{*usage, *selector, *mtype};
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The digits a matching type wants (RFC 6698 section 2.1.3); 0: any number.
std::size_t digits_of(std::uint8_t mtype) {
  if (mtype == 1) return 64;
  if (mtype == 2) return 128;
  return 0;
}

}  // namespace

Result<Group> Group::parse(std::string_view text) {
  std::string_view rest = text;
  const auto group = take_group(rest);
  if (!group || !without_leading_blanks(rest).empty()) {
    return invalid(fmt::format("'{}' is not usage, selector and matching type", text),
                   "write three numbers, as in \"3 1 1\"");
  }
  return *group;
}

std::string Group::text() const {
  return fmt::format("{} {} {}", usage, selector, mtype);
}

Result<Association> Association::parse(std::string_view text) {
  constexpr std::string_view how = "write usage, selector, matching type and data, as in \"3 1 1 HEX\"";
  std::string_view rest = text;
  const auto group = take_group(rest);
  if (!group) return invalid(fmt::format("'{}' does not begin with three numbers", text), std::string(how));
  std::string hex;
  std::copy_if(rest.begin(), rest.end(), std::back_inserter(hex),
               [](char c) { return blanks.find(c) == std::string_view::npos; });
  if (hex.empty()) return invalid(fmt::format("'{}' has no data", text), std::string(how));
  const auto bytes = from_hex(hex);
  if (!bytes) return invalid(fmt::format("'{}': {}", text, bytes.error().what), std::string(how));
  const std::size_t wanted = digits_of(group->mtype);
  if (wanted != 0 && hex.size() != wanted) {
    return invalid(fmt::format("'{}' has {} hexadecimal digits, but matching type {} has {}", text, hex.size(),
                               group->mtype, wanted));
  }
  if (hex.size() > longest_hex) return invalid(fmt::format("the data of a {} record is too long", group->text()));
  return Association{*group, to_hex(*bytes)};
}

Result<Association> Association::from_rdata(std::span<const std::uint8_t> rdata) {
  if (rdata.size() < 3) return failed(fmt::format("a TLSA record of {} octets is too short", rdata.size()));
  return Association{{rdata[0], rdata[1], rdata[2]}, to_hex(rdata.subspan(3))};
}

std::string Association::text() const {
  return hex.empty() ? group.text() : group.text() + " " + hex;
}

std::string Association::rfc3597() const {
  return fmt::format("\\# {} {:02x}{:02x}{:02x}{}", 3 + hex.size() / 2, group.usage, group.selector, group.mtype, hex);
}

std::string data_text(const Association& association, RecordForm form) {
  return form == RecordForm::rfc3597 ? association.rfc3597() : association.text();
}

std::string record_text(const Association& association, RecordForm form) {
  return fmt::format("{} {}", form == RecordForm::rfc3597 ? "TYPE52" : "TLSA", data_text(association, form));
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    hex += digits[byte >> 4];
    hex += digits[byte & 0x0f];
  }
  return hex;
}

Result<std::vector<std::uint8_t>> from_hex(std::string_view hex) {
  const auto wrong = std::find_if(hex.begin(), hex.end(), [](char c) { return digit_value(c) < 0; });
  if (wrong != hex.end()) return invalid("there is a character that is no hexadecimal digit");
  if (hex.size() % 2 != 0) return invalid(fmt::format("an odd number of hexadecimal digits, {}", hex.size()));
  std::vector<std::uint8_t> bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(digit_value(hex[i]) * 16 + digit_value(hex[i + 1])));
  }
  return bytes;
}

}  // namespace danectl
