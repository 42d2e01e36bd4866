#include "system/host/socket_address.hpp"

#include "system/host/descriptor.hpp"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace danectl {

std::optional<SocketAddress> SocketAddress::of(const std::string& address, std::uint16_t port) {
  SocketAddress result;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&result.storage, &v4, sizeof v4);
    result.length = sizeof v4;
    return result;
  }
  if (inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&result.storage, &v6, sizeof v6);
    result.length = sizeof v6;
    return result;
  }
  return std::nullopt;
}

const sockaddr* SocketAddress::get() const {
  return reinterpret_cast<const sockaddr*>(&storage);  // NOLINT: what the socket calls are made for
}

bool has_route(const std::string& address) {
  const auto target = SocketAddress::of(address, dns_port);
  if (!target) return true;
  const Descriptor socket(::socket(target->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  // A kernel without IPv6 has no such sockets.
  if (!socket) return errno != EAFNOSUPPORT;
  if (::connect(socket.get(), target->get(), target->length) == 0) return true;
  return errno != ENETUNREACH && errno != EHOSTUNREACH && errno != EADDRNOTAVAIL;
}

}  // namespace danectl
