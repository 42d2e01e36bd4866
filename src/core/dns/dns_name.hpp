// Absolute domain names, compared without regard to case (RFC 4343), and TLSA owner names (RFC 6698 section 3).
#pragma once

#include "core/base/result.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace danectl {

// An absolute name in lower case, without the final dot; the root is ".".
class DnsName {
 public:
  DnsName() : text_(".") {}

  // Letters, digits, '-' and '_' in labels of 1 to 63, 253 octets in all; a final dot may be there.
  static Result<DnsName> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string with_dot() const { return text_ == "." ? "." : text_ + "."; }
  [[nodiscard]] bool is_root() const { return text_ == "."; }
  [[nodiscard]] std::size_t labels() const;  // the root has none
  [[nodiscard]] DnsName parent() const;      // of the root: the root
  [[nodiscard]] bool is_below_or_equal(const DnsName& ancestor) const;

  auto operator<=>(const DnsName&) const = default;

 private:
  explicit DnsName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// `_25._tcp.mx.example.com`: port, protocol and base domain.
struct OwnerParts {
  std::uint16_t port;
  std::string protocol;  // "tcp", "udp", "sctp"
  DnsName host;
};
Result<OwnerParts> parse_owner(const DnsName& name);
// The owner of the same port and protocol at another base domain. An Error: it is too long a name.
Result<DnsName> owner_at(const OwnerParts& parts, const DnsName& host);

}  // namespace danectl
