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

AddressAnswer address_answer(const DnsName& host, const Reply& reply);
// The same where the root itself may not have been validated. `root`: as for judged() of a Reply.
AddressAnswer judged(AddressAnswer answer, const Reply& root);

// Without `exchanges`.
HostInspection inspected_host(const DnsName& host, const AddressAnswer& v4, const AddressAnswer& v6);
HostInspection inspected_host(const DnsName& host, const AddressReplies& replies, const Reply& root);

// IPv4 first, each kind sorted, each once.
std::vector<std::string> addresses_in(const AddressReplies& replies);

}  // namespace danectl
