// Times and spans. Two clocks are kept side by side, because either alone can be wrong: the wall
// clock may be stepped, the clock since boot does not survive a reboot.
#pragma once

#include "core/base/result.hpp"

#include <chrono>
#include <compare>
#include <string>
#include <string_view>

namespace danectl {

using Seconds = std::chrono::seconds;
using Milliseconds = std::chrono::milliseconds;
using WallTime = std::chrono::sys_time<Milliseconds>;

// One reading of the clocks of this host.
struct Instant {
  WallTime wall{};
  Milliseconds since_boot{};  // CLOCK_BOOTTIME: goes on during suspend, never stepped
  std::string boot_id;        // /proc/sys/kernel/random/boot_id
  bool operator==(const Instant&) const = default;
};

// How long ago `from` was at `now`: the smaller of the two clocks within one boot, the wall clock across boots. A
// `from` in the future: zero. Across boots that is no proof, since the clock may have been set: what a promise hangs on
// is a Since (since.hpp).
Milliseconds elapsed(const Instant& from, const Instant& now);

// RFC 3339 in UTC. With milliseconds for the state, which must not lose the part of a second;
// whole seconds (rounded up, so that a `ready_at` is never shown too early) for people and scripts.
std::string to_rfc3339_ms(WallTime time);
std::string to_rfc3339(WallTime time);
Result<WallTime> parse_rfc3339(std::string_view text);

// `90s 15m 2h 7d`: one number, one unit.
Result<Seconds> parse_duration(std::string_view text);

// For people: "4 s", "1 min 30 s", "2 h 5 min", "3 d 4 h". Rounded up to a second, two units at most.
std::string human_duration(Milliseconds span);

}  // namespace danectl
