#include "core/dns/dns_name.hpp"

#include "core/dns/a_label.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace danectl {

namespace {

constexpr std::size_t longest_label = 63;  // RFC 1035 section 2.3.4
constexpr std::size_t longest_name = 253;  // 255 octets on the wire: a length octet a label, and the root

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// By hand, since std::tolower asks the locale.
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// What is wrong with a label in lower case; empty: nothing.
std::string_view fault_of_label(std::string_view label) {
  if (label.empty()) return "it has an empty label";
  if (label.size() > longest_label) return "a label has more than 63 characters";
  if (!std::all_of(label.begin(), label.end(), is_name_character)) {
    return "only letters, digits, '-' and '_' may stand in it";
  }
  return {};
}

// What to write in the place of a name with letters beyond ASCII; empty: there is none.
std::string as_dns_has_it(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return {};
  const auto name = with_a_labels(std::string(text));
  return name ? fmt::format("; in DNS it is {}", *name) : "; in DNS such a name has another form, which `idn2` shows";
}

std::string_view first_label(std::string_view name) {
  return name.substr(0, name.find('.'));
}

// "_25" -> 25; anything that would not be written back the same way: nothing.
std::optional<std::uint16_t> port_of(std::string_view label) {
  if (label.size() < 2 || label[0] != '_' || label[1] < '1' || label[1] > '9') return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, problem] = std::from_chars(label.data() + 1, label.data() + label.size(), port);
  if (problem != std::errc{} || end != label.data() + label.size()) return std::nullopt;
  return port;
}

}  // namespace

Result<DnsName> DnsName::parse(std::string_view text) {
  if (text == ".") return DnsName{};
  const auto wrong = [&](std::string_view why) {
    return invalid(fmt::format("'{}' is not a domain name: {}", text, why));
  };
  if (text.empty()) return wrong("it is empty");
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(), lower);
  if (name.back() == '.') name.pop_back();
  if (name.size() > longest_name) return wrong("it has more than 253 characters");
  for (std::size_t at = 0; at <= name.size();) {
    const std::string_view label = first_label(std::string_view(name).substr(at));
    const std::string fault{fault_of_label(label)};
    if (!fault.empty()) return wrong(fault + as_dns_has_it(text));
    at += label.size() + 1;
  }
  return DnsName(std::move(name));
}

DnsName DnsName::parent() const {
  const auto dot = text_.find('.');
  if (is_root() || dot == std::string::npos) return DnsName{};
  return DnsName(text_.substr(dot + 1));
}

std::size_t DnsName::labels() const {
  if (is_root()) return 0;
  return 1 + static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '.'));
}

bool DnsName::is_below_or_equal(const DnsName& ancestor) const {
  if (ancestor.is_root() || text_ == ancestor.text_) return true;
  return text_.size() > ancestor.text_.size() && text_.ends_with(ancestor.text_) &&
         text_[text_.size() - ancestor.text_.size() - 1] == '.';
}

Result<OwnerParts> parse_owner(const DnsName& name) {
  constexpr std::array<std::string_view, 3> protocols{"_tcp", "_udp", "_sctp"};
  const auto wrong = [&] {
    return invalid(fmt::format("'{}' is not the owner of a TLSA record", name.text()),
                   "write port, protocol and host (RFC 6698 section 3), as in _25._tcp.mx.example.com");
  };
  const auto port = port_of(first_label(name.text()));
  const DnsName rest = name.parent();
  const std::string_view protocol = first_label(rest.text());
  const DnsName host = rest.parent();
  if (!port || host.is_root() || std::find(protocols.begin(), protocols.end(), protocol) == protocols.end()) {
    return wrong();
  }
  return OwnerParts{*port, std::string(protocol.substr(1)), host};
}

Result<DnsName> owner_at(const OwnerParts& parts, const DnsName& host) {
  return DnsName::parse(fmt::format("_{}._{}.{}", parts.port, parts.protocol, host.text()));
}

}  // namespace danectl
