#include "core/base/since.hpp"

#include <algorithm>

namespace danectl {
namespace {

// A clock that is behind what was signed already is wrong.
WallTime not_behind(const Reading& reading) {
  return std::max(reading.now.wall, reading.signed_time.value_or(reading.now.wall));
}

}  // namespace

Since::Since(const Reading& reading) : Since(reading.now) {
  at.wall = not_behind(reading);
}

Since counted(Since since, const Reading& reading) {
  const Instant& now = reading.now;
  since.counted = elapsed(since, now);
  since.counted_at = now;
  if (since.at.boot_id == now.boot_id) {
    since.at.wall = std::max(since.at.wall, not_behind(reading) - since.counted);
  } else if (reading.signed_time) {
    // libunbound takes signatures that were made up to a day later than this host's clock says.
    const WallTime proven = std::min(*reading.signed_time, now.wall);
    since.counted = std::max(since.counted, proven - since.at.wall);
  }
  return since;
}

Milliseconds elapsed(const Since& since, const Instant& now) {
  const bool same_boot = since.counted_at.boot_id == now.boot_id;
  return since.counted + (same_boot ? elapsed(since.counted_at, now) : Milliseconds{0});
}

WallTime over_at(const Since& since, Milliseconds span, const Instant& now) {
  const WallTime from_now = now.wall + (span - elapsed(since, now));
  if (since.counted_at.boot_id != now.boot_id) return from_now;
  // The later of both clocks' word: `counted_at` is the end of a look, `now` the start of one.
  return std::max(since.counted_at.wall + (span - since.counted), from_now);
}

}  // namespace danectl
