// Time that has surely passed since a moment, reboots in between or not. Every wait on which a promise hangs counts by
// it: the hold-down of a version, the delegation of a server that left, `retire_after` of a chain. The rule:
//
// - Within one boot the smaller of both clocks counts, from one look to the next, each from the end of the one to the
//   end of the other. The clock since boot is never set, so a clock that is set ahead hastens nothing.
// - What was counted before a reboot stays counted: up to the last look of that boot.
// - From there to the first look of the new boot nothing is known but what the wall clock says, and that may have been
//   set by anybody, or by a battery that ran out. So nothing is counted, but for what a signed time proves: DNS signs
//   when a signature was made, by a clock that is none of this host's. If a signature that is seen now was made later
//   than `at`, then at least the time between has passed.
//
// What is left to believe is that the clock was not behind, unnoticed, at the moment itself. Where a later look of the
// same boot finds that it was, or where a signature of then was newer, the moment is taken as so much later.
#pragma once

#include "core/base/time.hpp"

#include <optional>

namespace danectl {

// What tells of the present time. Readings of one boot are taken in the order of time.
struct Reading {
  Instant now;
  // The newest of the signatures seen now was made then (RFC 4034 section 3.1.5): it is not earlier than that.
  std::optional<WallTime> signed_time{};
};

// A moment from which time is counted. As the moment is noted nothing has passed.
struct Since {
  Since() = default;
  Since(const Instant& now) : at(now), counted_at(now) {}
  Since(const Reading& reading);

  Instant at;              // the clocks at the moment
  Milliseconds counted{};  // what has surely passed since, up to `counted_at`
  Instant counted_at;      // the end of the last look

  bool operator==(const Since&) const = default;
};

// The moment as of this reading, which is that of a look.
Since counted(Since since, const Reading& reading);

// What has surely passed at `now`. In a boot that has not counted it yet: what had passed before.
Milliseconds elapsed(const Since& since, const Instant& now);

// When `span` will surely have passed, as the wall clock of now is going to show it; if nothing else proves it before.
WallTime over_at(const Since& since, Milliseconds span, const Instant& now);

}  // namespace danectl
