// What danectl remembers, brought up to what the files show.
#pragma once

#include "core/config/lineage_config.hpp"
#include "core/rollover/facts.hpp"

namespace danectl {

// The state that the files show (StepKind::settle): current is what is deployed, next is what is staged. Nothing is
// forgotten that a server may still present (promise 2). Equal to `facts.state` when there is nothing to settle.
State settled(const Facts& facts, const LineageConfig& lineage, const Instant& now);

// Whether the state does not name the generation that live/NAME leads to. Then a backup came back, or the state is new
// and has no current key.
bool state_is_older(const Facts& facts);

}  // namespace danectl
