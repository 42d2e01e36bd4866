// What `check` finds at single name servers of an owner, and between them. Pure.
#pragma once

#include "core/check/check_dns.hpp"

#include <string>
#include <vector>

namespace danectl {

// REQUIRES: the look is secure.
std::vector<Finding> check_name_servers(const DnsCheck& check);

// "ns1.example.com (192.0.2.1)", as messages name a server.
std::string server_text(const DnsName& server, const std::string& address);

}  // namespace danectl
