// IPv4 and IPv6 addresses as people write them in the configuration.
#pragma once

#include "core/base/result.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace danectl {

struct IpAddress {
  std::size_t octets = 4;                // 4 or 16
  std::array<std::uint8_t, 16> bytes{};  // in network order; those after `octets` are zero

  // As inet_pton takes it: no brackets, no port, no interface (`%eth0`).
  static Result<IpAddress> parse(std::string_view text);
  [[nodiscard]] std::string text() const;  // the shortest form (RFC 5952)
  [[nodiscard]] bool is_v6() const { return octets == 16; }
  auto operator<=>(const IpAddress&) const = default;
};

// No top-level domain is a number (RFC 3696 section 2): a "host name" that ends in one is a mistyped address.
bool ends_in_number(std::string_view name);

}  // namespace danectl
