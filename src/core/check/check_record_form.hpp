// What is wrong with TLSA records by themselves: usages, selectors and data that help nobody. Pure.
#pragma once

#include "core/check/check_records.hpp"

namespace danectl {

std::vector<Finding> check_record_form(const RecordsCheck& check);

// Whether mail servers are at the owner's port, to which senders and clients apply RFC 7672: usages 0 and 1 are nothing
// there.
bool is_of_smtp(const DnsName& owner);

}  // namespace danectl
