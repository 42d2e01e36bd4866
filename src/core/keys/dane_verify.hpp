// OpenSSL's own DANE verification (RFC 6698, 7671), offline: does a chain authenticate against a TLSA RRset?
#pragma once

#include "core/keys/certificate.hpp"
#include "core/keys/trust_store.hpp"

#include <map>
#include <optional>

namespace danectl {

// Where a trust anchor (usage 2) may come from that a record names. A server has to send it (RFC 7671 section 5.2.2),
// or a record holds the whole certificate (2 0 0): OpenSSL takes it out of that record, also for the digests beside it.
// Other clients need not be able to (section 5.2.1).
enum class Anchor { sent_or_in_dns, sent };

struct DaneMatch {
  int depth;                // 0: the end entity
  Association association;  // that matched
};

// For usage 3 names and dates do not count (RFC 7671 section 5.1); for all others they do, and `names` are the
// reference identifiers. Usages 0 and 1 are unusable for SMTP (RFC 7672 section 3.1.3). With `pkix` they are usable,
// and want a path to a CA of it besides the record (RFC 7671 sections 5.3 and 5.4): then a depth beyond the chain's end
// is that CA. `rrset` without a usable record is an error: a success without DANE would mean nothing. Error::what says
// why it does not match; it is ErrorKind::invalid when all is well but that a name is needed and there is none. `now`:
// nothing, and no date counts.
Result<DaneMatch> dane_verify(const Chain& chain, const RRset& rrset, const std::vector<std::string>& names,
                              const std::optional<WallTime>& now, const std::optional<TrustStore>& pkix = std::nullopt,
                              Anchor anchor = Anchor::sent_or_in_dns);

// The same once for each (usage, selector, mtype) group of the RRset that is usable (RFC 7671 section 8).
std::map<Group, Result<DaneMatch>> dane_verify_groups(const Chain& chain, const RRset& rrset,
                                                      const std::vector<std::string>& names,
                                                      const std::optional<WallTime>& now,
                                                      const std::optional<TrustStore>& pkix = std::nullopt);

// Two different digests of the same usage and selector: one hides the other.
bool are_digests_of_one(const Group& one, const Group& other);

// Whether a handshake with this chain shows the key or certificate of the association, whatever its names and dates.
bool shows(const Chain& chain, const Association& association);

}  // namespace danectl
