// What danectl remembers, brought up to what the files show.
#pragma once

#include "core/config/lineage_config.hpp"
#include "core/rollover/facts.hpp"

namespace danectl {

// The state that the files show (StepKind::settle): current is what is deployed, next is what is staged. What stopped
// being either becomes retiring; nothing is forgotten while a server may still present it (promise 2). Equal to
// `facts.state` when there is nothing to settle.
State settled(const Facts& facts, const LineageConfig& lineage, const Instant& now);

}  // namespace danectl
