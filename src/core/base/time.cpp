#include "core/base/time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace danectl {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr int seconds_a_day = 86400;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads exactly what a fixed format asks for, from the front of a text; one miss spoils the whole.
class FixedReader {
 public:
  explicit FixedReader(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    if (rest_.size() < digits ||
        !std::all_of(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(digits), is_digit)) {
      good_ = false;
      return 0;
    }
    int value = 0;
    std::from_chars(rest_.data(), rest_.data() + digits, value);
    rest_.remove_prefix(digits);
    return value;
  }

  char one_of(std::string_view allowed) {
    if (rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos) {
      good_ = false;
      return '\0';
    }
    const char taken = rest_.front();
    rest_.remove_prefix(1);
    return taken;
  }

  // The digits after a decimal point, if there are any; what is finer than a millisecond is rounded up, since a time
  // read too early would shorten a hold-down.
  Milliseconds fraction() {
    if (rest_.empty() || rest_.front() != '.') return Milliseconds{0};
    rest_.remove_prefix(1);
    std::int64_t thousandths = 0;
    bool more = false;
    std::size_t count = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count) {
      if (count < 3) {
        thousandths = thousandths * 10 + (rest_[count] - '0');
      } else {
        more = more || rest_[count] != '0';
      }
    }
    if (count == 0) good_ = false;
    rest_.remove_prefix(count);
    for (; count < 3; ++count) thousandths *= 10;
    return Milliseconds{thousandths + (more ? 1 : 0)};
  }

  [[nodiscard]] bool finished_well() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

std::optional<WallTime> read_rfc3339(std::string_view text) {
  FixedReader reader(text);
  const int year = reader.number(4);
  reader.one_of("-");
  const int month = reader.number(2);
  reader.one_of("-");
  const int day = reader.number(2);
  reader.one_of("Tt ");
  const int hour = reader.number(2);
  reader.one_of(":");
  const int minute = reader.number(2);
  reader.one_of(":");
  const int second = reader.number(2);
  const Milliseconds fraction = reader.fraction();
  const char zone = reader.one_of("Zz+-");
  int zone_hour = 0;
  int zone_minute = 0;
  if (zone == '+' || zone == '-') {
    zone_hour = reader.number(2);
    reader.one_of(":");
    zone_minute = reader.number(2);
  }
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!reader.finished_well() || !date.ok() || hour > 23 || minute > 59 || second > 59 || zone_hour > 23 ||
      zone_minute > 59) {
    return std::nullopt;
  }
  const auto offset = hours{zone_hour} + minutes{zone_minute};
  const WallTime local = std::chrono::sys_days{date} + hours{hour} + minutes{minute} + Seconds{second} + fraction;
  return zone == '-' ? local + offset : local - offset;
}

std::string date_and_time(std::chrono::sys_time<Seconds> time) {
  const auto midnight = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{midnight};
  const std::chrono::hh_mm_ss clock{time - midnight};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::int64_t seconds_of_unit(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return seconds_a_day;
    default:
      return 0;
  }
}

}  // namespace

Milliseconds elapsed(const Instant& from, const Instant& now) {
  const Milliseconds by_wall = now.wall - from.wall;
  const Milliseconds passed =
      from.boot_id == now.boot_id ? std::min(by_wall, now.since_boot - from.since_boot) : by_wall;
  return std::max(passed, Milliseconds{0});
}

std::string to_rfc3339_ms(WallTime time) {
  const auto second = std::chrono::floor<Seconds>(time);
  return fmt::format("{}.{:03}Z", date_and_time(second), (time - second).count());
}

std::string to_rfc3339(WallTime time) {
  return date_and_time(std::chrono::ceil<Seconds>(time)) + "Z";
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  const auto time = read_rfc3339(text);
  if (!time) return failed(fmt::format("'{}' is not a time", text), "write it as 2026-01-31T12:00:00Z");
  return *time;
}

Result<Seconds> parse_duration(std::string_view text) {
  // A longer one is a slip of the pen, and its end would be no date that can be written.
  constexpr std::int64_t longest = std::int64_t{100} * 366 * seconds_a_day;
  const auto wrong = [&](std::string_view why) {
    return invalid(fmt::format("'{}' is not a duration{}", text, why),
                   "write one number and one unit: 90s, 15m, 2h or 7d");
  };
  if (text.size() < 2 || !is_digit(text.front())) return wrong("");
  std::int64_t count = 0;
  const char* const unit_at = text.data() + text.size() - 1;
  const auto [end, problem] = std::from_chars(text.data(), unit_at, count);
  const std::int64_t unit = seconds_of_unit(*unit_at);
  if (unit == 0 || end != unit_at) return wrong("");
  if (problem != std::errc{} || count > longest / unit) return wrong(" below 100 years");
  return Seconds{count * unit};
}

std::string human_duration(Milliseconds span) {
  struct Unit {
    std::int64_t seconds;
    std::string_view name;
  };
  constexpr std::array<Unit, 4> units{{{seconds_a_day, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}}};
  const std::int64_t total = std::max<std::int64_t>(std::chrono::ceil<Seconds>(span).count(), 0);
  for (std::size_t i = 0; i + 1 < units.size(); ++i) {
    if (total < units[i].seconds) continue;
    const std::int64_t first = total / units[i].seconds;
    const std::int64_t second = total % units[i].seconds / units[i + 1].seconds;
    if (second == 0) return fmt::format("{} {}", first, units[i].name);
    return fmt::format("{} {} {} {}", first, units[i].name, second, units[i + 1].name);
  }
  return fmt::format("{} s", total);
}

}  // namespace danectl
