#include "core/rollover/held.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace danectl;

namespace {

using By = HeldVersion::By;

const Association a = record_of('a');
const Association b = record_of('b');
const DnsName target = name("tlsa.example.net");
const DnsName other_target = name("tlsa.example.org");

SeenAt look(double when, const RRset& records, Seconds ttl = Seconds{60}) {
  return LookBuilder(at(when)).server("ns1.example.com", records, ttl).done();
}

Ledgers after(const std::vector<SeenAt>& looks) {
  Ledgers ledgers;
  for (const SeenAt& look : looks) {
    for (const DnsName& name : look.chain) {
      ledgers.try_emplace(name, Ledger{.name = name});
      ledgers[name] = after_look(ledgers[name], look);
    }
  }
  return ledgers;
}

std::vector<HeldVersion> held_at(const Ledgers& ledgers, double now, Seconds min_hold = Seconds{0},
                                 Caches caches = Caches::count) {
  return held(ledgers, test_owner(), {min_hold, at(now), caches});
}

bool holds(const std::vector<HeldVersion>& versions, By by, const RRset& records) {
  return std::any_of(versions.begin(), versions.end(), [&](const HeldVersion& one) {
    return one.by == by && one.version.kind == Version::Kind::records && one.version.records == records;
  });
}

bool holds_unheard(const std::vector<HeldVersion>& versions, By by) {
  return std::any_of(versions.begin(), versions.end(), [&](const HeldVersion& one) {
    return one.by == by && one.version.kind == Version::Kind::unheard;
  });
}

}  // namespace

TEST_CASE("Held is what servers give, what the resolver answers, and what was given within the hold-down") {
  const auto versions = held_at(after({look(0, {a}), look(1000, {b})}), 1001);
  CHECK(holds(versions, By::server, {b}));
  CHECK(holds(versions, By::resolver, {b}));
  CHECK(holds(versions, By::cache, {a}));
  CHECK(versions.size() == 3);
}

TEST_CASE("A version that ended is held for two TTLs and not a second more") {
  const Ledgers ledgers = after({look(0, {a}), look(1000, {b})});
  CHECK(holds(held_at(ledgers, 1119), By::cache, {a}));
  CHECK_FALSE(holds(held_at(ledgers, 1120), By::cache, {a}));
}

TEST_CASE("Each lineage judges the hold-down with its own min_hold") {
  const Ledgers ledgers = after({look(0, {a}), look(1000, {b})});
  CHECK(holds(held_at(ledgers, 1599, Seconds{600}), By::cache, {a}));
  CHECK_FALSE(holds(held_at(ledgers, 1600, Seconds{600}), By::cache, {a}));
  CHECK_FALSE(holds(held_at(ledgers, 1599, Seconds{10}), By::cache, {a}));
}

TEST_CASE("A TTL lowered together with publication still counts, also when nobody looked for long") {
  const Ledgers ledgers = after({look(0, {a}, Seconds{3600}), look(1'000'000, {a, b}, Seconds{60})});
  CHECK(holds(held_at(ledgers, 1'007'199), By::cache, {a}));
  CHECK_FALSE(holds(held_at(ledgers, 1'007'200), By::cache, {a}));
}

TEST_CASE("A TTL that was lowered more than twice itself before publication does not count") {
  const Ledgers ledgers = after({look(0, {a}, Seconds{3600}), look(10, {a}, Seconds{60}), look(7'211, {a, b})});
  CHECK(holds(held_at(ledgers, 7'212), By::cache, {a}));
  CHECK_FALSE(holds(held_at(ledgers, 7'211 + 120), By::cache, {a}));
}

TEST_CASE("The TTL of a denial counts for the first record") {
  const Ledgers ledgers = after({look(0, {}, Seconds{900}), look(10, {a})});
  CHECK(holds(held_at(ledgers, 1809), By::cache, {}));
  CHECK_FALSE(holds(held_at(ledgers, 1810), By::cache, {}));
}

TEST_CASE("A server that was not heard yet holds what nobody knows, and so do caches after its first answer") {
  SeenAt silent = LookBuilder(at(0)).silent("ns1.example.com").done();
  CHECK(holds_unheard(held_at(after({silent}), 1), By::server));
  CHECK(holds_unheard(held_at(after({silent, look(10, {a})}), 11), By::cache));
  CHECK_FALSE(holds_unheard(held_at(after({silent, look(10, {a})}), 130), By::cache));
}

TEST_CASE("What was asked for is held whoever asks, and with no time limit") {
  Ledgers ledgers = after({look(0, {a})});
  ledgers[test_owner()] = with_asked(ledgers[test_owner()], {a, b}, Seconds{60}, {{a}});
  CHECK(holds(held_at(ledgers, 1'000'000), By::asked_for, {a, b}));
  CHECK(holds(held_at(ledgers, 1'000'000, Seconds{0}, Caches::left_out_by_a_person), By::asked_for, {a, b}));
}

TEST_CASE("Without the hold-down what servers give, or gave last, counts, and no cache does") {
  Ledgers ledgers = after({LookBuilder(at(0)).server("ns1.example.com", {a}).server("ns2.example.com", {a, b}).done(),
                           LookBuilder(at(10)).server("ns1.example.com", {b}).silent("ns2.example.com").done()});
  const auto versions = held_at(ledgers, 11, Seconds{600}, Caches::left_out_by_a_person);
  CHECK(holds(versions, By::server, {b}));
  CHECK(holds(versions, By::server, {a, b}));  // gave it last, and is silent now
  CHECK(versions.size() == 2);
}

TEST_CASE("A server that left is held for caches alone") {
  const Ledgers ledgers =
      after({LookBuilder(at(0)).server("ns1.example.com", {a}).server("ns2.example.com", {b}).done(), look(200, {a})});
  CHECK(holds(held_at(ledgers, 201), By::gone_server, {b}));
  CHECK_FALSE(holds(held_at(ledgers, 201, Seconds{0}, Caches::left_out_by_a_person), By::gone_server, {b}));
}

TEST_CASE("An alias leads to the versions of where it ends, and is none itself") {
  const Ledgers ledgers = after({alias_look(0, test_owner(), target, {a})});
  const auto versions = held_at(ledgers, 1000);
  CHECK(holds(versions, By::server, {a}));
  for (const HeldVersion& one : versions) CHECK(one.version.kind == Version::Kind::records);
  CHECK(names_behind(ledgers, test_owner(), at(1000)) == std::vector<DnsName>{test_owner(), target});
}

TEST_CASE("An owner is on the old end of its alias until the hold-down of the old CNAME is over") {
  const Ledgers ledgers = after({alias_look(0, test_owner(), target, {a}, Seconds{3600}),
                                 alias_look(1000, test_owner(), other_target, {b}, Seconds{60})});
  CHECK(holds(held_at(ledgers, 8199), By::server, {a}));
  CHECK(holds(held_at(ledgers, 8199), By::server, {b}));
  CHECK_FALSE(holds(held_at(ledgers, 8200), By::server, {a}));
  CHECK(names_behind(ledgers, test_owner(), at(8199)).size() == 3);
  CHECK(names_behind(ledgers, test_owner(), at(8200)).size() == 2);
}

TEST_CASE("What stood behind an alias is held as long as the alias keeps it in caches") {
  Ledgers ledgers = after({alias_look(0, test_owner(), target, {a}, Seconds{3600}),
                           alias_look(1000, test_owner(), target, {b}, Seconds{3600})});
  CHECK(holds(held_at(ledgers, 8199), By::cache, {a}));
  CHECK_FALSE(holds(held_at(ledgers, 8200), By::cache, {a}));
}

TEST_CASE("Of two aliases to one name the one that caches keep longer counts") {
  Ledgers ledgers = after({alias_look(0, test_owner(), target, {a}, Seconds{3600}),
                           alias_look(1000, test_owner(), target, {b}, Seconds{60})});
  CHECK(holds(held_at(ledgers, 8199), By::cache, {a}));
  CHECK_FALSE(holds(held_at(ledgers, 8200), By::cache, {a}));
}

TEST_CASE("The new end of an alias may have given anything before its first answer") {
  const Ledgers ledgers =
      after({alias_look(0, test_owner(), target, {a}), alias_look(1000, test_owner(), other_target, {a})});
  CHECK(holds_unheard(held_at(ledgers, 1119), By::cache));
  CHECK_FALSE(holds_unheard(held_at(ledgers, 1120), By::cache));
}

TEST_CASE("Aliases that lead in a circle come to an end") {
  const Ledgers ledgers = after({alias_look(0, test_owner(), target, {a})});
  Ledgers circle = ledgers;
  circle[target].servers.front().last = {.kind = Version::Kind::alias, .alias = test_owner(), .ttl = Seconds{60}};
  CHECK(names_behind(circle, test_owner(), at(1)).size() == 2);
}

TEST_CASE("Of a name that nobody knows nothing is held") {
  CHECK(held_at({}, 0).empty());
  CHECK(ledger_of({}, target).servers.empty());
}
