#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sys/socket.h>

namespace danectl {

inline constexpr std::uint16_t dns_port = 53;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  // "192.0.2.1" or "2001:db8::1"; anything else: nothing.
  static std::optional<SocketAddress> of(const std::string& address, std::uint16_t port);
  [[nodiscard]] const sockaddr* get() const;
};

// Whether this host has a route to the address; no packet is sent. A route that leads nowhere is a route.
bool has_route(const std::string& address);

}  // namespace danectl
