// Whether something starts `danectl run`: when it ended last, and what systemd knows of the timer.
#pragma once

#include "app/store/workshop.hpp"

#include <optional>
#include <string>

namespace danectl {

// The file last-run: the time in its first line and, where DNS told that run nothing, why in its second.
struct LastRun {
  WallTime ended;
  std::optional<std::string> dns_silence{};  // one line
};

// Nothing: `danectl run` has never ended here, or the file may not be read.
std::optional<LastRun> last_run(const Workshop& shop);
Status note_run(const Workshop& shop, const LastRun& run);

// Whether systemd starts it by danectl.timer from now on; false where systemd does not run.
bool timer_is_on(const Workshop& shop);

// The command that makes it start from now on, or the one that tells why it does not end.
std::string how_to_start_timer(const Workshop& shop);

}  // namespace danectl
