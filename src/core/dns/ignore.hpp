// `[dns] ignore`: authoritative servers left out of "every server", by name, address or prefix.
#pragma once

#include "core/base/result.hpp"
#include "core/dns/dns_name.hpp"
#include "core/dns/ip_address.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

struct IgnoreRule {
  std::string text;             // as configured, for what is shown
  std::optional<DnsName> name;  // a server's name; nothing: `network` and `prefix_length` decide
  IpAddress network;
  unsigned prefix_length = 0;  // of an address alone: all its bits

  // "ns3.example.net", "192.0.2.1", "192.0.2.0/24", "2001:db8::/32". Refused: bits set after the prefix, and a name
  // whose last label is a number, which is a mistyped address.
  static Result<IgnoreRule> parse(std::string_view text);
  // `address` as in ServerAnswer; empty (not known) is covered by names alone.
  [[nodiscard]] bool covers(const DnsName& server, const std::string& address) const;
};

bool ignores(const std::vector<IgnoreRule>& rules, const DnsName& server, const std::string& address);

}  // namespace danectl
