#include "core/survey/list_line.hpp"

#include "core/dns/a_label.hpp"
#include "core/dns/ip_address.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

constexpr std::string_view blanks = " \t\r\f\v";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";  // some editors begin a file with it
// No name is longer than 253 characters, and few of its characters need more than four octets.
constexpr std::size_t longest_quote = 64;

std::string_view without_blanks_around(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

ListLine fault(std::string_view text, std::string_view why) {
  const bool cut = text.size() > longest_quote;
  return {ListLine::Kind::fault, {}, fmt::format("'{}{}' {}", text.substr(0, longest_quote), cut ? "..." : "", why)};
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

ListLine read_list_line(std::string_view line) {
  if (line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
  const std::string_view text = without_blanks_around(line.substr(0, line.find('#')));
  if (text.empty()) return {};
  if (text.find_first_of(blanks) != text.npos)
    return fault(text, "is more than one word: one domain belongs on a line");
  if (text.find('@') != text.npos) return fault(text, "is a mail address: write the domain behind the @ alone");
  const auto name = is_ascii(text) ? std::string(text) : with_a_labels(std::string(text)).value_or(std::string(text));
  const auto domain = DnsName::parse(name);
  const bool is_domain = domain && !domain->is_root();
  if (IpAddress::parse(text).ok() || (is_domain && ends_in_number(text))) {
    return fault(text, "is an address, not a mail domain");
  }
  if (!is_domain) return fault(text, "is not the name of a domain");
  return {ListLine::Kind::domain, *domain, {}};
}

}  // namespace danectl
