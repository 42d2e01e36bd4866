// The one thing about a libunbound configuration file that libunbound does not tell: which zones it takes from
// elsewhere.
#pragma once

#include "core/dns/dns_name.hpp"

#include <string>
#include <vector>

namespace danectl {

// The names of its forward, stub and auth zones but the root, also those in files it includes. A context that is to ask
// one server for such a zone would ask what the file says instead: libunbound lets the file win. Empty for an empty
// path; what cannot be read is passed over, since libunbound refuses it.
std::vector<DnsName> zones_from_elsewhere(const std::string& path);

}  // namespace danectl
