// May this chain become the deployed one, as far as the chain itself says? What DNS says is another question
// (question.hpp).
#pragma once

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

// certbot renews a certificate when a third of its life is left; one that is due is not worth deploying.
bool due_for_renewal(const Certificate& certificate, WallTime now);

}  // namespace danectl
