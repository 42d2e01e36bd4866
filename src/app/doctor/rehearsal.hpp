// Whether publishing would be carried out: a change that changes nothing, by the configured method.
#pragma once

#include "app/store/workshop.hpp"
#include "core/doctor/item.hpp"

#include <vector>

namespace danectl {

// `looks`: at these owners. Only where all that the method needs is there, and the owner's zone is known.
AreaLook rehearse_publishing(const Workshop& shop, const std::vector<DnsName>& owners,
                             const std::vector<OwnerLook>& looks);

}  // namespace danectl
