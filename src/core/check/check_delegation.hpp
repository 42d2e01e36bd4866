// What `check` finds where a zone and its parent name different servers for it. Pure.
#pragma once

#include "core/check/check_dns.hpp"

#include <string>
#include <vector>

namespace danectl {

// How the delegation of a zone differs from the zone, one phrase each. Only addresses below the zone have to be there
// as glue, and one of a server in [dns] ignore is not known.
std::vector<std::string> delegation_differences(const OwnerLook& look, const ZoneServers& zone);

// One for each zone of the owner's chain whose delegation differs. REQUIRES: the look is secure.
std::vector<Finding> check_delegation(const OwnerLook& look);

}  // namespace danectl
