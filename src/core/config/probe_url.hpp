// Where a live server is asked for its certificates: the values of `probe` (danectl.toml(5)).
#pragma once

#include "core/base/result.hpp"
#include "core/dns/dns_name.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace danectl {

// smtp|submission|imap|pop3 (STARTTLS), smtps|imaps|pop3s|tls
struct ProbeUrl {
  std::string scheme;
  DnsName host;
  std::uint16_t port = 0;
  std::string address;  // after '@'; empty: every address of the host

  // "smtp://mx.example.com:25", "smtp://mx.example.com:25@127.0.0.1"; the port may be left out where the scheme has
  // one.
  static Result<ProbeUrl> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  [[nodiscard]] DnsName owner() const;  // _25._tcp.mx.example.com
};

}  // namespace danectl
