// What the files and certbot show of one lineage, DNS aside. Reads only.
#pragma once

#include "app/certbot/certbot_lineage.hpp"
#include "app/store/workshop.hpp"
#include "core/rollover/facts.hpp"

namespace danectl {

// The facts of a lineage without what needs DNS. An error only when what is deployed, or the state, cannot be known.
Result<Facts> observe_files(const Workshop& shop, const LineageConfig& lineage, State state);

// The same with the state as the files show it, for a lineage that is only looked at: its own call writes that down.
Result<Facts> observe_settled(const Workshop& shop, const LineageConfig& lineage);

// The key and the chain of a candidate, as kept in candidates/NAME/SPKI.
Result<KeyAndChain> read_candidate(const Workshop& shop, const std::string& name, const CandidateKey& candidate);

}  // namespace danectl
