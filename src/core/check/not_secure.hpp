// What a look-up means for senders that check DANE when it does not come out secure, and what mends it.
#pragma once

#include "core/check/finding.hpp"
#include "core/dns/inspection.hpp"
#include "core/dns/look.hpp"

#include <string>
#include <string_view>

namespace danectl {

// No answer that counts: senders hold the mail, whether it is bogus or silence (RFC 7672 section 2.1).
inline constexpr Severity no_valid_answer = Severity::critical;
// Proven to be without DANE: mail goes through, unprotected (RFC 7672 sections 2.1 and 2.2).
inline constexpr Severity without_dane = Severity::warning;

Severity severity_of(Dnssec dnssec);
// Of records: "are not signed: DANE is not used", ... REQUIRES: not secure.
std::string_view what_it_means(Dnssec dnssec);
// `name` and `type`: what was looked up. REQUIRES: not secure.
std::string what_mends(Dnssec dnssec, const DnsName& name, std::string_view type);

// Of a host whose addresses are not secure; whose owner or domain it concerns is left to the caller.
Finding host_not_secure(const HostInspection& host);

}  // namespace danectl
