#include "core/survey/pace.hpp"

#include <catch2/catch.hpp>

#include <deque>

using namespace danectl;
using namespace std::chrono_literals;

namespace {

struct Sent {
  unsigned most_in_a_second = 0;
  unsigned all = 0;
};

// As fast as the pace lets: questions that cost so much, for so long, after a rest.
Sent sent_at(unsigned rate, unsigned cost, std::chrono::seconds span) {
  Pace pace(rate);
  Pace::TimePoint now{1h};
  const auto end = now + span;
  std::deque<Pace::TimePoint> last_second;
  Sent sent;
  pace.take(0, now);
  now += 10s;
  while (now < end + 10s) {
    if (const auto later = pace.take(cost, now)) {
      REQUIRE(*later > now);
      now = *later;
      continue;
    }
    for (unsigned i = 0; i < cost; ++i) last_second.push_back(now);
    while (now - last_second.front() >= 1s) last_second.pop_front();
    sent.most_in_a_second = std::max(sent.most_in_a_second, static_cast<unsigned>(last_second.size()));
    sent.all += cost;
  }
  return sent;
}

}  // namespace

TEST_CASE("No second has more questions than the rate, also after a rest") {
  for (const unsigned rate : {10U, 50U, 200U, 1000U}) {
    for (const unsigned cost : {1U, 3U}) {
      CAPTURE(rate, cost);
      const Sent sent = sent_at(rate, cost, 20s);
      CHECK(sent.most_in_a_second <= rate + cost);
      CHECK(sent.all >= 20 * rate * 8 / 10);
    }
  }
}

TEST_CASE("A question that costs more than may come at once is asked all the same, and waited for") {
  const Sent sent = sent_at(1, 3, 60s);
  CHECK(sent.all >= 15);
  CHECK(sent.all <= 63);
}
