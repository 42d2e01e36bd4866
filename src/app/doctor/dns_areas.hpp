// What `doctor` sees of DNS from this host: the trust anchor, the resolver, the zones and their name servers.
#pragma once

#include "app/check/check_view.hpp"
#include "app/store/workshop.hpp"
#include "core/doctor/item.hpp"

#include <vector>

namespace danectl {

struct RootLook {
  AreaLook trust_anchor{.area = Area::trust_anchor};
  AreaLook resolver{.area = Area::resolver};
};

// Looks at the root through the resolver, and where that is not secure without it: that tells a wrong anchor from a
// resolver that strips DNSSEC.
RootLook look_at_root(const Workshop& shop);

// What is well with the zones of these looks.
AreaLook look_at_zones(const std::vector<OwnerLook>& looks);

// What is well with their name servers, and which of them take no connection by TCP.
AreaLook look_at_name_servers(const Workshop& shop, const std::vector<OwnerLook>& looks);

}  // namespace danectl
