// Exception (a) of promise 1: the chains that may be served at once, DNS or not.
#pragma once

#include "core/rollover/state.hpp"

namespace danectl {

// Whether every usable group of records that the deployed chain matches is matched by the fresh one, too: for usage 3
// by the same key; for usage 2 by the same anchor, names and dates included. What is published, by the ledger, may be
// more or other than the profile wants: after a change of the profile, or by somebody else. Where the ledger shows
// records that the change of key or issuer could hurt, those of the profile must be ready.
bool may_be_adopted(const Chain& fresh, const Chain& deployed, const LineageConfig& lineage, const State& state,
                    const Instant& now);

}  // namespace danectl
