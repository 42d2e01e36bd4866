#include "core/dns/ignore.hpp"

#include <algorithm>
#include <charconv>

namespace danectl {

namespace {

constexpr const char* allowed =
    "write the name, address or prefix of a server: ns3.example.net, 192.0.2.1, 2001:db8::/32";

bool bit(const IpAddress& address, unsigned index) {
  return ((address.bytes[index / 8] >> (7 - index % 8)) & 1) != 0;
}

IpAddress network_of(IpAddress address, unsigned prefix_length) {
  for (unsigned index = prefix_length; index < address.octets * 8; ++index) {
    address.bytes[index / 8] &= static_cast<std::uint8_t>(~(0x80U >> (index % 8)));
  }
  return address;
}

Result<IgnoreRule> parse_prefix(std::string_view text, std::size_t slash) {
  const std::string shown = "'" + std::string(text) + "'";
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return invalid(shown + " is not a prefix", allowed);

  const std::string_view digits = text.substr(slash + 1);
  unsigned length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc{} || end != digits.data() + digits.size() || length > address->octets * 8) {
    return invalid(shown + " has no usable prefix length", address->is_v6() ? "0 to 128" : "0 to 32");
  }
  const IpAddress network = network_of(*address, length);
  if (network != *address) {
    return invalid(shown + " has bits set after the prefix",
                   "write " + network.text() + "/" + std::to_string(length) + " or the address alone");
  }
  return IgnoreRule{std::string(text), std::nullopt, network, length};
}

}  // namespace

Result<IgnoreRule> IgnoreRule::parse(std::string_view text) {
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) return parse_prefix(text, slash);
  if (const auto address = IpAddress::parse(text); address.ok()) {
    return IgnoreRule{std::string(text), std::nullopt, *address, static_cast<unsigned>(address->octets * 8)};
  }
  const auto name = DnsName::parse(text);
  if (!name || name->is_root() || ends_in_number(text)) {
    return invalid("'" + std::string(text) + "' is no name, address or prefix", allowed);
  }
  return IgnoreRule{std::string(text), *name, {}, 0};
}

bool IgnoreRule::covers(const DnsName& server, const std::string& address) const {
  if (name) return *name == server;
  const auto parsed = IpAddress::parse(address);
  if (!parsed || parsed->octets != network.octets) return false;
  for (unsigned index = 0; index < prefix_length; ++index) {
    if (bit(*parsed, index) != bit(network, index)) return false;
  }
  return true;
}

bool ignores(const std::vector<IgnoreRule>& rules, const DnsName& server, const std::string& address) {
  return std::any_of(rules.begin(), rules.end(), [&](const IgnoreRule& rule) { return rule.covers(server, address); });
}

}  // namespace danectl
