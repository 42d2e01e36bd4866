#pragma once

#include <string>

namespace danectl {

// This host's own name with its domain, as the system's host name or /etc/hosts gives it: no look-up, which could take
// its time. Empty when neither has a domain.
std::string full_host_name();

// `host_name`, or where it is empty the address literal of this end of the connection (RFC 5321 sections 4.1.3, 4.1.4).
std::string helo_name(const std::string& host_name, const std::string& own_address);

}  // namespace danectl
