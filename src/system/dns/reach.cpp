#include "system/dns/reach.hpp"

#include "system/host/socket_address.hpp"

namespace danectl {

bool Reach::is_routable(const std::string& address) {
  const auto [at, added] = routes_.try_emplace(address, false);
  if (added) at->second = has_route(address);
  return at->second;
}

}  // namespace danectl
