// Whether senders come as far as to ask for TLSA records: the host's addresses, and the MX that lead to it. Pure.
#pragma once

#include "core/check/check_dns.hpp"

#include <vector>

namespace danectl {

// No answer that counts: senders hold the mail, whether it is bogus or silence (RFC 7672 section 2.1).
inline constexpr Severity no_valid_answer = Severity::critical;
// Proven to be without DANE: mail goes through, unprotected (RFC 7672 sections 2.1 and 2.2).
inline constexpr Severity without_dane = Severity::warning;

std::vector<Finding> check_host(const DnsCheck& check);

}  // namespace danectl
