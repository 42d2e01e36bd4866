#include "core/base/time.hpp"

#include <catch2/catch.hpp>

using namespace danectl;
using namespace std::chrono_literals;

namespace {

Instant at(Seconds wall, Seconds since_boot, const std::string& boot_id = "boot-1") {
  return {WallTime{wall}, since_boot, boot_id};
}

WallTime time_of(const std::string& text) {
  const auto time = parse_rfc3339(text);
  REQUIRE(time.ok());
  return *time;
}

}  // namespace

TEST_CASE("elapsed is the smaller of both clocks within one boot") {
  CHECK(elapsed(at(100s, 10s), at(160s, 70s)) == 60s);
  CHECK(elapsed(at(100s, 10s), at(5000s, 70s)) == 60s);  // the wall clock was set forward
  CHECK(elapsed(at(100s, 10s), at(130s, 70s)) == 30s);   // or back
}

TEST_CASE("elapsed is the wall clock's across boots") {
  CHECK(elapsed(at(100s, 5000s, "boot-1"), at(400s, 10s, "boot-2")) == 300s);
}

TEST_CASE("a time in the future counts as now") {
  CHECK(elapsed(at(200s, 10s), at(100s, 70s)) == 0s);
  CHECK(elapsed(at(100s, 80s), at(200s, 70s)) == 0s);
  CHECK(elapsed(at(200s, 10s, "boot-1"), at(100s, 70s, "boot-2")) == 0s);
}

TEST_CASE("the state's times keep the milliseconds") {
  const WallTime time = time_of("2026-03-01T00:00:00Z") + 7ms;
  CHECK(to_rfc3339_ms(time) == "2026-03-01T00:00:00.007Z");
  CHECK(time_of(to_rfc3339_ms(time)) == time);
  CHECK(to_rfc3339_ms(WallTime{-1ms}) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("times for people are rounded up to a second") {
  CHECK(to_rfc3339(time_of("2026-02-28T23:59:59.001Z")) == "2026-03-01T00:00:00Z");
  CHECK(to_rfc3339(time_of("2024-02-29T12:00:00Z")) == "2024-02-29T12:00:00Z");
}

TEST_CASE("RFC 3339 times are read with fractions and offsets") {
  CHECK(time_of("1970-01-01T00:00:01Z") == WallTime{1s});
  CHECK(time_of("1970-01-01t01:00:00.5+01:00") == WallTime{500ms});
  CHECK(time_of("1969-12-31T23:30:00-00:30") == WallTime{});
  CHECK(time_of("1970-01-01T00:00:00.0000001Z") == WallTime{1ms});  // never earlier than it was
}

TEST_CASE("what is not an RFC 3339 time is refused") {
  const auto text = GENERATE(as<std::string>{}, "", "2026", "2026-01-31", "2026-01-31T12:00:00", "2026-02-30T12:00:00Z",
                             "2026-13-01T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z",
                             "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00Zx", "26-01-31T12:00:00Z",
                             "2026-01-31T12:00:00+1:00", "2026-00-10T12:00:00Z", "+026-01-10T12:00:00Z");
  CAPTURE(text);
  const auto time = parse_rfc3339(text);
  REQUIRE_FALSE(time.ok());
  CHECK(time.error().what == "'" + text + "' is not a time");
}

TEST_CASE("a duration is one number and one unit") {
  CHECK(*parse_duration("90s") == 90s);
  CHECK(*parse_duration("15m") == 15min);
  CHECK(*parse_duration("2h") == 2h);
  CHECK(*parse_duration("7d") == std::chrono::days{7});
  CHECK(*parse_duration("0s") == 0s);
}

TEST_CASE("what is not a duration is refused") {
  const auto text =
      GENERATE(as<std::string>{}, "", "s", "5", "5 s", " 5s", "-5s", "+5s", "5S", "1h30m", "5w", "1.5h", "0x5s", "5ss");
  CAPTURE(text);
  const auto duration = parse_duration(text);
  REQUIRE_FALSE(duration.ok());
  CHECK(duration.error().kind == ErrorKind::invalid);
  CHECK(duration.error().what == "'" + text + "' is not a duration");
  CHECK(duration.error().hint == "write one number and one unit: 90s, 15m, 2h or 7d");
}

TEST_CASE("a duration beyond all reason is refused, not wrapped") {
  for (const auto* text : {"99999999999999999999s", "9223372036854775807d", "36601d"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text).ok());
  }
  CHECK(parse_duration("36500d").ok());
}

TEST_CASE("durations for people have two units at most") {
  CHECK(human_duration(0ms) == "0 s");
  CHECK(human_duration(-5s) == "0 s");
  CHECK(human_duration(3001ms) == "4 s");
  CHECK(human_duration(90s) == "1 min 30 s");
  CHECK(human_duration(59min + 59s + 1ms) == "1 h");
  CHECK(human_duration(2h + 5min + 7s) == "2 h 5 min");
  CHECK(human_duration(76h + 59min) == "3 d 4 h");
  CHECK(human_duration(24h + 30s) == "1 d");
}
