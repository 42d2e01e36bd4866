// What a resolver's replies for the A and AAAA records of a host say of it.
#pragma once

#include "core/dns/inspection.hpp"
#include "system/dns/reply.hpp"

#include <string>
#include <vector>

namespace danectl {

struct AddressReplies {
  Reply v4;
  Reply v6;
};

// Without `exchanges`. `root`: as for judged().
HostInspection inspected_host(const DnsName& host, const AddressReplies& replies, const Reply& root);

// IPv4 first, each kind sorted, each once.
std::vector<std::string> addresses_in(const AddressReplies& replies);

}  // namespace danectl
