#include "core/dns/ip_address.hpp"

#include <algorithm>

#include <arpa/inet.h>

namespace danectl {

Result<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  // inet_pton stops at a NUL: what follows one would be taken without being looked at.
  if (terminated.find('\0') == std::string::npos) {
    IpAddress address;
    if (inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) return address;
    address.octets = 16;
    if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) return address;
  }
  return invalid("'" + terminated + "' is not an IP address", "write it like 192.0.2.1 or 2001:db8::1");
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  inet_ntop(is_v6() ? AF_INET6 : AF_INET, bytes.data(), buffer.data(), static_cast<socklen_t>(buffer.size()));
  return buffer.data();
}

bool ends_in_number(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  const std::size_t dot = name.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? name : name.substr(dot + 1);
  return std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace danectl
