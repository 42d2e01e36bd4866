// Which TLSA records a client of DANE can use at all, and which of them it looks at.
#pragma once

#include "core/dns/association.hpp"

#include <optional>
#include <string>

namespace danectl {

// Why a client could not use the record at all; nothing: it could.
enum class PkixUsages { unusable, usable };
std::optional<std::string> unusable_because(const Association& association, PkixUsages pkix);

// Whether a DANE client of SMTP could use the record at all (RFC 7672 section 3.1, known digest of the right length).
bool usable(const Association& association);

// Not of SHA-512, which a client should know and need not (RFC 6698 section 6).
bool is_known_to_all(const Group& group);

// Digest agility (RFC 7671 section 9): of several digests for the same usage and selector a client uses the strongest
// alone, so a record of group `stronger` hides one of group `weaker`.
bool hides(const Group& stronger, const Group& weaker);

}  // namespace danectl
