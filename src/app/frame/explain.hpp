// Why a chain may not be deployed yet, and when to come back.
#pragma once

#include "app/frame/output.hpp"
#include "core/rollover/plan.hpp"

#include <string>

namespace danectl {

// "[########------------]"; `done` of 0 to 1. Blocks where the terminal can show them.
std::string bar(double done, const Output& output);

// "[####----] 40 %, 2 min 5 s left"; empty while some server gives a version by which the chain fails.
std::string hold_down_bar(const Readiness& way, const Output& output);

// The refusal of a promotion (ErrorKind::not_yet): which owner, which server, what was seen, when to come back.
Error not_promoted(const std::string& name, const Readiness& way, const Step& step, const Output& output);

// The refusal of a rollback, likewise.
Error not_rolled_back(const KeyId& key, const Readiness& way, const Output& output);

}  // namespace danectl
