// Whether something starts `danectl run`: when it ended last, and what systemd knows of the timer.
#pragma once

#include "app/store/workshop.hpp"

#include <optional>
#include <string>

namespace danectl {

// When `danectl run` ended last; nothing: never here, or it may not be read.
std::optional<WallTime> last_run(const Workshop& shop);

// Whether systemd starts it by danectl.timer from now on; false where systemd does not run.
bool timer_is_on(const Workshop& shop);

// The command that makes it start from now on, or the one that tells why it does not end.
std::string how_to_start_timer(const Workshop& shop);

}  // namespace danectl
