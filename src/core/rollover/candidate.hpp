// Step 3 of a promotion: may this chain become the deployed one, as far as chain and DNS answers themselves say?
#pragma once

#include "core/dns/look.hpp"
#include "core/rollover/chain_keys.hpp"

#include <string>
#include <vector>

namespace danectl {

struct CandidateCheck {
  const Chain& candidate;  // as a server would get it (served_chain)
  const KeyId& wanted_key;
  const Chain& present;  // the deployed chain: every name it has must stay
  const LineageConfig& lineage;
  WallTime now;
};

// What the chain itself must be: for the wanted key, in its dates, complete, with every name of the present one; where
// the profile names an issuer, with that: the root of `append_root`, if there is one, has to close the chain.
Status check_chain(const CandidateCheck& check);

// OpenSSL's DANE verification against the distinct RRset of every server of every owner: whole, since of several
// digests only the strongest counts (RFC 7671 section 9), and by each group of the profile, since a client may know
// only one (section 8). The error names owner and group.
Status check_dane(const CandidateCheck& check, const std::vector<OwnerLook>& looks);

// The records that make clients overlook those of these keys, since they hold a stronger digest for the same usage and
// selector, and the keys have none like it there (RFC 7671 section 9).
std::vector<Association> records_in_the_way(const ChainKeys& keys, const std::vector<Group>& profile,
                                            const RRset& rrset);

// certbot renews a certificate when a third of its life is left; one that is due is not worth deploying.
bool due_for_renewal(const Certificate& certificate, WallTime now);

}  // namespace danectl
