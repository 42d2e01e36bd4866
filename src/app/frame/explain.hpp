// The sentences about the gate: why a key may not be relied on yet, and when to come back.
#pragma once

#include "app/frame/output.hpp"
#include "core/rollover/gate.hpp"
#include "core/rollover/plan.hpp"

#include <string>

namespace danectl {

// "[########------------]"; `done` of 0 to 1. Blocks where the terminal can show them.
std::string bar(double done, const Output& output);

// "[####----] 40 %, 2 min 5 s left", for the association with the longest time to go.
std::string hold_down_bar(const GateAnswer& gate, const Output& output);

// The refusal of a promotion (ErrorKind::not_yet): which owner, which server, what was seen, when to come back.
Error not_promoted(const std::string& name, const GateAnswer& gate, const Step& step, const Instant& now,
                   const Output& output);

// The refusal of a rollback, likewise.
Error not_rolled_back(const KeyId& key, const GateAnswer& gate, const Instant& now, const Output& output);

// "3 1 1 01234567...89abcdef": enough to tell records apart in a line for a person.
std::string shortened(const Association& association);

}  // namespace danectl
