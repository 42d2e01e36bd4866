#include "app/store/probe_memo.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

class CountingProbe : public ServerProbe {
 public:
  std::vector<ProbeResult> probe(const std::vector<ProbeUrl>& urls, const ProbeProgress&) override {
    std::vector<ProbeResult> results;
    for (const ProbeUrl& url : urls) {
      asked.push_back(url.text());
      ProbedAddress address;
      address.why = std::to_string(asked.size());
      results.push_back({url, {address}});
    }
    return results;
  }
  std::vector<std::string> asked;
};

class SetClock : public Clock {
 public:
  Instant now() override { return time; }
  void sleep(Milliseconds) override {}
  Instant time = at(0);
};

ProbeUrl url(const std::string& host) {
  return ProbeUrl::parse("smtp://" + host + ":25").value();
}

}  // namespace

TEST_CASE("A server is asked once, and anew when time has passed or something was done") {
  ProbeMemo memo;
  CountingProbe probe;
  SetClock clock;
  const ProbeUrl one = url("mx1.example.com");
  const ProbeUrl two = url("mx2.example.com");
  memo.ask(probe, {one}, clock);
  const auto both = memo.ask(probe, {two, one}, clock);
  CHECK(probe.asked == std::vector<std::string>{one.text(), two.text()});
  REQUIRE(both.size() == 2);
  CHECK(both[0].addresses.front().why == "2");
  CHECK(both[1].addresses.front().why == "1");
  clock.time = at(29);
  memo.ask(probe, {one}, clock);
  CHECK(probe.asked.size() == 2);
  clock.time = at(30);
  CHECK(memo.ask(probe, {one}, clock).front().addresses.front().why == "3");
  memo.forget();
  CHECK(memo.ask(probe, {one}, clock).front().addresses.front().why == "4");
}

TEST_CASE("What was shown in a time that has not come yet is asked anew") {
  ProbeMemo memo;
  CountingProbe probe;
  SetClock clock;
  clock.time = at(1000);
  memo.ask(probe, {url("mx1.example.com")}, clock);
  clock.time = at(0);
  memo.ask(probe, {url("mx1.example.com")}, clock);
  CHECK(probe.asked.size() == 2);
}
