// Whether senders come as far as to ask for TLSA records: the host's addresses, and the MX that lead to it. Pure.
#pragma once

#include "core/check/check_dns.hpp"

#include <vector>

namespace danectl {

std::vector<Finding> check_host(const DnsCheck& check);

}  // namespace danectl
