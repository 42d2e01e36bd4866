// What `check` finds at single name servers of an owner, and between them. Pure.
#pragma once

#include "core/check/check_dns.hpp"

#include <string>
#include <vector>

namespace danectl {

// REQUIRES: the look is secure.
std::vector<Finding> check_name_servers(const DnsCheck& check);

}  // namespace danectl
