// What has surely passed: clocks that are set, reboots, and what signatures prove.
#include "core/base/since.hpp"

#include <catch2/catch.hpp>

using namespace danectl;
using namespace std::chrono_literals;

namespace {

// Seconds of the true time; the boots began at 0, 10'000 and 20'000.
Instant at(Seconds time, unsigned boot = 1, Seconds clock_is_ahead = 0s) {
  return {WallTime{time + clock_is_ahead}, time - Seconds{10'000} * (boot - 1), "boot-" + std::to_string(boot)};
}

Reading signed_at(const Instant& now, Seconds signature) {
  return {now, WallTime{signature}};
}

constexpr Seconds two_days{2 * 86400};

}  // namespace

TEST_CASE("Within a boot the smaller of both clocks counts") {
  const Since since = at(100s);
  CHECK(elapsed(since, at(100s)) == 0s);
  CHECK(elapsed(since, at(160s)) == 60s);
  CHECK(elapsed(since, at(160s, 1, two_days)) == 60s);
  CHECK(elapsed(since, at(160s, 1, -20s)) == 40s);
  CHECK(elapsed(since, at(160s, 1, -two_days)) == 0s);
}

TEST_CASE("A clock that is set back costs the time since the last look, and not more") {
  const Since since = counted(counted(at(100s), {at(160s)}), {at(170s, 1, -two_days)});
  CHECK(elapsed(since, at(170s, 1, -two_days)) == 60s);
  CHECK(elapsed(since, at(200s, 1, -two_days)) == 90s);
}

TEST_CASE("After a reboot counts what was counted before, and nothing by the wall clock, however far it is ahead") {
  const Since since = counted(at(9'000s), {at(9'500s)});
  for (const Seconds ahead : {0s, two_days, -two_days}) {
    CHECK(elapsed(since, at(15'000s, 2, ahead)) == 500s);
    const Since seen = counted(since, {at(15'000s, 2, ahead)});
    CHECK(elapsed(seen, at(15'000s, 2, ahead)) == 500s);
    // From the first look of the new boot on its clock counts.
    CHECK(elapsed(seen, at(15'100s, 2, ahead)) == 600s);
  }
}

TEST_CASE("A host that boots again and again comes to an end") {
  Since since = counted(at(9'000s), {at(9'500s)});
  since = counted(counted(since, {at(10'100s, 2)}), {at(19'000s, 2)});
  since = counted(since, {at(20'100s, 3)});
  CHECK(elapsed(since, at(20'200s, 3)) == 500s + 8'900s + 100s);
}

TEST_CASE("A signature that was made since proves that the time between has passed") {
  const Since since = counted(at(9'000s), {at(9'500s)});
  const Instant now = at(15'000s, 2);
  CHECK(elapsed(counted(since, signed_at(now, 12'000s)), now) == 3'000s);
  CHECK(elapsed(counted(since, signed_at(now, 15'000s)), now) == 6'000s);
  // One of before proves nothing, and takes nothing away.
  CHECK(elapsed(counted(since, signed_at(now, 9'400s)), now) == 500s);
  CHECK(elapsed(counted(since, signed_at(now, 0s)), now) == 500s);
}

TEST_CASE("What a signature proves it proves in any later look and boot, whatever the clock says then") {
  const Since before = counted(at(9'000s), {at(10'100s, 2)});
  const Instant ahead = at(10'200s, 2, two_days);
  CHECK(elapsed(counted(before, signed_at(ahead, 10'000s)), ahead) == 1'000s);
  const Instant later = at(20'100s, 3);
  CHECK(elapsed(counted(before, signed_at(later, 20'000s)), later) == 11'000s);
}

TEST_CASE("No signature proves more than the clock of this host says") {
  const Since since = at(9'000s);
  const Instant behind = at(10'100s, 2, -1'000s);
  CHECK(elapsed(counted(since, signed_at(behind, 10'050s)), behind) == 100s);
}

TEST_CASE("A clock that was behind at the moment proves nothing, if a signature of then or a later look tells") {
  const Instant now = at(12'000s, 2);
  const Instant behind = at(9'000s, 1, -5'000s);
  // By a signature that was made 100 seconds before.
  CHECK(elapsed(counted(Since(signed_at(behind, 8'900s)), signed_at(now, 12'000s)), now) == 3'100s);
  // By the clock that is right ten seconds later.
  CHECK(elapsed(counted(counted(behind, {at(9'010s)}), signed_at(now, 12'000s)), now) == 3'000s);
  // A clock that is set back later makes the moment no earlier.
  CHECK(elapsed(counted(counted(at(9'000s), {at(9'010s, 1, -5'000s)}), signed_at(now, 12'000s)), now) == 3'000s);
}

TEST_CASE("What is over is told by the wall clock of now") {
  const Since since = counted(at(100s), {at(160s)});
  CHECK(over_at(since, 200s, at(170s)) == at(300s).wall);
  CHECK(over_at(since, 200s, at(150s)) == at(300s).wall);  // a look that ended at 160 s began then
  CHECK(over_at(since, 200s, at(170s, 1, 5'000s)) == at(300s, 1, 5'000s).wall);
  // In a boot without a look: if one began to count now.
  CHECK(over_at(since, 200s, at(15'000s, 2)) == at(15'140s, 2).wall);
}
