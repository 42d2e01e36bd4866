// Facts of one lineage: files, certbot, state and looks put together for the plan. Reads only.
#pragma once

#include "app/certbot/certbot_lineage.hpp"
#include "app/frame/workshop.hpp"
#include "core/rollover/facts.hpp"

namespace danectl {

// An error only when what is deployed, or the state, cannot be known. `state` is the lineage's, ledgers as after
// `looks`.
Result<Facts> observe(const Workshop& shop, const LineageConfig& lineage, State state,
                      const std::vector<OwnerLook>& looks, HoldDown hold_down);

// The key and the chain of a candidate, as kept in candidates/NAME/SPKI.
Result<KeyAndChain> read_candidate(const Workshop& shop, const std::string& name, const CandidateKey& candidate);

}  // namespace danectl
