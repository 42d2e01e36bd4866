// What danectl asked for, and what comes of it; backups that come back; clocks that are wrong.
#include "core/rollover/held.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace danectl;

namespace {

const Association a = record_of('a');
const Association b = record_of('b');
const Association c = record_of('c');

SeenAt both(const Instant& when, const RRset& first, const RRset& second) {
  return LookBuilder(when).server("ns1.example.com", first).server("ns2.example.com", second).done();
}

Ledger ledger_of(const Instant& when, const RRset& records) {
  return after_look(Ledger{.name = test_owner()}, both(when, records, records));
}

// {a} is given, and {a, b} asked for.
Ledger asked() {
  return with_asked(ledger_of(at(0), {a}), {a, b}, Seconds{60}, {{a}});
}

std::optional<Since> ended(const Ledger& ledger, const RRset& records) {
  for (const EndedVersion& one : ledger.ended) {
    if (one.version.kind == Version::Kind::records && one.version.records == records) return one.until;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("What was asked for may yet be done while some server gives what was there then") {
  CHECK(after_look(asked(), both(at(10), {a}, {a})).asked == asked().asked);
  CHECK(after_look(asked(), both(at(10), {a, b}, {a})).asked == asked().asked);
  CHECK(after_look(asked(), both(at(10), {c}, {a})).asked == asked().asked);
  // Nor does a server that gives no answer tell that it will not be.
  const SeenAt silent = LookBuilder(at(10)).silent("ns1.example.com").silent("ns2.example.com").done();
  CHECK(after_look(asked(), silent).asked == asked().asked);
}

TEST_CASE("What was asked for is done when every server gives it, and then it is given now") {
  const Ledger done = after_look(asked(), both(at(10), {a, b}, {a, b}));
  CHECK(done.asked.empty());
  CHECK_FALSE(ended(done, {a, b}));
  CHECK(ended(done, {a}) == at(10));
}

TEST_CASE("What was asked for and is given nowhere, nor what was there then, was last given now") {
  const Ledger other = after_look(asked(), both(at(10), {c}, {c}));
  CHECK(other.asked.empty());
  CHECK(ended(other, {a, b}) == at(10));
}

TEST_CASE("What was asked for stays open while some servers give it and others something else") {
  CHECK(after_look(asked(), both(at(10), {a, b}, {c})).asked == asked().asked);
}

TEST_CASE("Nothing is taken for done while a server was never heard") {
  const SeenAt more = LookBuilder(at(10))
                          .server("ns1.example.com", {a, b})
                          .server("ns2.example.com", {a, b})
                          .silent("ns3.example.com")
                          .done();
  CHECK(after_look(asked(), more).asked == asked().asked);
}

TEST_CASE("An RRset that is asked for anew is there once, with what is given now") {
  const Ledger twice = with_asked(asked(), {a, b}, Seconds{30}, {{a}, {c}});
  REQUIRE(twice.asked.size() == 1);
  CHECK(twice.asked.front() == AskedFor{{a, b}, Seconds{30}, {{a}, {c}}});
  CHECK(with_asked(asked(), {b}, Seconds{60}, {{a}}).asked.size() == 2);
}

TEST_CASE("After a backup came back every server is new, and what the ledger has was given until now") {
  const Ledger before = after_look(asked(), both(at(10), {c}, {a}));
  const Ledger back = after_backup(before, at(5000));
  CHECK(back.came_back);
  CHECK(back.servers.empty());
  CHECK(ended(back, {c}) == at(5000));
  CHECK(ended(back, {a}) == at(5000));
  CHECK(back.asked == before.asked);
  for (const EndedVersion& one : back.ended) CHECK(one.until == Since(at(5000)));
}

TEST_CASE("A backup is over once every server was heard and caches have let go of what was before") {
  Ledger ledger = after_look(after_backup(ledger_of(at(0), {a}), at(5000)), both(at(5001), {a}, {a}));
  CHECK(ledger.came_back);
  ledger = after_look(ledger, both(at(5120), {a}, {a}));
  CHECK(ledger.came_back);
  CHECK_FALSE(after_look(ledger, both(at(5121), {a}, {a})).came_back);
}

TEST_CASE("A clock set back delays, and blocks for no longer than the hold-down") {
  Ledger ledger = after_look(ledger_of(at(1000), {a}), both(at(1000), {b}, {b}));
  Instant back = at(1010);
  back.wall -= std::chrono::hours(24 * 365);
  ledger = after_look(ledger, both(back, {b}, {b}));
  // Ten seconds have passed since, and the new wall clock agrees.
  CHECK(elapsed(*ended(ledger, {a}), back) == Seconds{0});
  Instant later = back;
  later.wall += Seconds{120};
  later.since_boot += Seconds{120};
  CHECK(elapsed(*ended(after_look(ledger, both(later, {b}, {b})), {a}), later) == Seconds{120});
}

TEST_CASE("A clock set forward lets nothing pass: the clock since boot did not move, nor after the next reboot") {
  Ledger ledger = after_look(ledger_of(at(0), {a}), both(at(0), {b}, {b}));
  Instant forward = at(10);
  forward.wall += std::chrono::hours(24);
  ledger = after_look(ledger, both(forward, {b}, {b}));
  CHECK(elapsed(*ended(ledger, {a}), forward) == Seconds{10});
  Instant rebooted = forward;
  rebooted.boot_id = "boot-2";
  rebooted.since_boot = Seconds{5};
  rebooted.wall += Seconds{20};
  CHECK(elapsed(*ended(after_look(ledger, both(rebooted, {b}, {b})), {a}), rebooted) == Seconds{10});
}

TEST_CASE("After a reboot with a clock set ahead everything is held as long as if it had not been set") {
  Ledger ledger = after_look(ledger_of(at(990), {a}), both(at(1000), {b}, {b}));
  ledger = after_look(ledger, both(at(1010), {b}, {b}));
  const auto in_new_boot = [](double seconds) {
    Instant now = at(seconds, "boot-2");
    now.since_boot = Seconds{static_cast<int>(seconds) - 2000};
    now.wall += std::chrono::hours(48);
    return now;
  };
  const auto is_held = [&](double seconds) {
    const Ledgers ledgers{{test_owner(), ledger}};
    const std::vector<HeldVersion> all = held(ledgers, test_owner(), {Seconds{0}, in_new_boot(seconds)});
    return std::any_of(all.begin(), all.end(), [](const HeldVersion& one) { return one.version.records == RRset{a}; });
  };
  // 10 of 120 seconds have passed. Nothing passes before a look of the new boot.
  CHECK(is_held(2005));
  CHECK(is_held(3000));
  ledger = after_look(ledger, both(in_new_boot(3000), {b}, {b}));
  CHECK(is_held(3000));
  CHECK(is_held(3109));
  CHECK_FALSE(is_held(3110));
  // A signature that was made when it was over proves that at once.
  Ledger proven = ledger;
  const SeenAt look = both(in_new_boot(3001), {b}, {b});
  ledger = after_look(proven, look, {look.when, at(1119).wall});
  CHECK(is_held(3001));
  ledger = after_look(proven, look, {look.when, at(1120).wall});
  CHECK_FALSE(is_held(3001));
}

TEST_CASE("A server that left is asked by caches until its delegation is surely over, reboot or not") {
  const auto one = [](const Instant& when) { return LookBuilder(when).server("ns1.example.com", {a}).done(); };
  Ledger ledger = after_look(after_look(ledger_of(at(0), {a}), both(at(0), {a}, {b})), one(at(10)));
  REQUIRE(ledger.servers.size() == 2);
  Instant rebooted = at(5000, "boot-2");
  rebooted.wall += std::chrono::hours(48);
  ledger = after_look(ledger, one(rebooted));
  CHECK(ledger.servers.size() == 2);
  rebooted.since_boot += Seconds{3600};
  rebooted.wall += Seconds{3600};
  CHECK(after_look(ledger, one(rebooted)).servers.size() == 1);
}
