#include "core/rollover/ledger.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

const Association a = record_of('a');
const Association b = record_of('b');

OwnerLook both(double when, const RRset& records, Seconds ttl = Seconds{60}) {
  return LookBuilder(at(when)).server("ns1.example.com", records, ttl).server("ns2.example.com", records, ttl).done();
}

OwnerLedger after(const std::vector<OwnerLook>& looks) {
  OwnerLedger ledger;
  for (const OwnerLook& look : looks) ledger = after_look(std::move(ledger), look);
  return ledger;
}

}  // namespace

TEST_CASE("A record that every server has is visible since the end of that look") {
  const OwnerLedger ledger = after({both(0, {}), both(10, {a}), both(20, {a})});
  CHECK(visible_since(ledger, a) == at(10));
}

TEST_CASE("A record that one server lacks is not visible") {
  const OwnerLedger ledger =
      after({LookBuilder(at(0)).server("ns1.example.com", {a}).server("ns2.example.com", {}).done()});
  CHECK_FALSE(visible_since(ledger, a));
}

TEST_CASE("A record that disappears from one server and returns starts anew") {
  const OwnerLedger ledger =
      after({both(0, {a}), LookBuilder(at(10)).server("ns1.example.com", {a}).server("ns2.example.com", {b}).done(),
             both(20, {a})});
  CHECK(visible_since(ledger, a) == at(20));
}

TEST_CASE("A server that is silent for one look keeps the time, and does not start it") {
  const OwnerLook one_silent = LookBuilder(at(10)).server("ns1.example.com", {a, b}).silent("ns2.example.com").done();
  const OwnerLedger ledger = after({both(0, {a}), one_silent});
  CHECK(visible_since(ledger, a) == at(0));
  CHECK_FALSE(visible_since(ledger, b));
}

TEST_CASE("A look that saw nothing leaves the ledger as it was") {
  const OwnerLedger before = after({both(0, {a})});
  CHECK(after_look(before, no_answer(at(10))) == before);
}

TEST_CASE("A server left out is not waited for, and alone makes nothing visible") {
  CHECK(
      visible_since(after({LookBuilder(at(0)).server("ns1.example.com", {a}).left_out("ns2.example.com").done()}), a));
  CHECK_FALSE(visible_since(after({LookBuilder(at(0)).left_out("ns1.example.com").done()}), a));
}

TEST_CASE("A new name server starts the clock anew and counts the old NS TTL") {
  const OwnerLook three = LookBuilder(at(100))
                              .server("ns1.example.com", {a})
                              .server("ns2.example.com", {a})
                              .server("ns3.example.com", {a})
                              .done();
  const OwnerLedger ledger = after({both(0, {a}), three});
  REQUIRE(visible_since(ledger, a) == at(100));
  CHECK(counted_ttl(ledger, at(100)) == Seconds{3600});
}

TEST_CASE("The largest NS TTL of a set of servers counts when the set changes, though it was lowered before") {
  const auto with_ns_ttl = [](double when, Seconds ttl) {
    return LookBuilder(at(when)).server("ns1.example.com", {a}).ns_ttl(ttl).done();
  };
  const OwnerLedger ledger = after({with_ns_ttl(0, Seconds{86400}), with_ns_ttl(10, Seconds{60}),
                                    LookBuilder(at(20)).server("ns9.example.com", {a}).ns_ttl(Seconds{60}).done()});
  CHECK(counted_ttl(ledger, at(20)) == Seconds{86400});
}

TEST_CASE("Another alias starts the clock anew and counts the CNAME's old TTL") {
  OwnerLook first = LookBuilder(at(0)).server("ns1.example.com", {a}).done();
  first.chain = {test_owner(), name("old.example.com")};
  first.answers.front().qname = name("old.example.com");
  ServerAnswer alias = first.answers.front();
  alias.qname = test_owner();
  alias.cname = name("old.example.com");
  alias.records.clear();
  alias.ttl = Seconds{7200};
  first.answers.push_back(alias);
  OwnerLook second = first;
  second.ended = at(50);
  second.chain.back() = name("new.example.com");
  second.answers[0].qname = name("new.example.com");
  second.answers[1].cname = name("new.example.com");
  second.answers[1].ttl = Seconds{60};
  const OwnerLedger ledger = after({first, second});
  REQUIRE(visible_since(ledger, a) == at(50));
  CHECK(counted_ttl(ledger, at(50)) == Seconds{7200});
}

TEST_CASE("A server with another alias clears the time") {
  OwnerLook look = both(10, {a});
  look.answers[1].cname = name("elsewhere.example.com");
  look.answers[1].records.clear();
  CHECK_FALSE(visible_since(after({both(0, {a}), look}), a));
}

TEST_CASE("A TTL lowered together with publication still counts, also when nobody looked for long") {
  const OwnerLedger ledger = after({both(0, {b}, Seconds{3600}), both(1'000'000, {a, b}, Seconds{60})});
  CHECK(counted_ttl(ledger, *visible_since(ledger, a)) == Seconds{3600});
}

TEST_CASE("A TTL that was lowered more than twice itself before publication does not count") {
  const OwnerLedger ledger =
      after({both(0, {b}, Seconds{3600}), both(10, {b}, Seconds{60}), both(7'211, {a, b}, Seconds{60})});
  CHECK(counted_ttl(ledger, *visible_since(ledger, a)) == Seconds{60});
}

TEST_CASE("The TTL of a denial counts for the first record") {
  const OwnerLedger ledger = after({both(0, {}, Seconds{900}), both(10, {a}, Seconds{60})});
  CHECK(hold_down(ledger, *visible_since(ledger, a), Seconds{0}) == Seconds{1800});
}

TEST_CASE("The hold-down is never shorter than min_hold") {
  CHECK(hold_down(after({both(0, {a}, Seconds{60})}), at(0), Seconds{600}) == Seconds{600});
}

TEST_CASE("Steady looks leave the ledger unchanged, so that nothing needs to be written") {
  const OwnerLedger before = after({both(0, {a}), both(10, {a})});
  CHECK(after_look(before, both(20, {a})) == before);
}

TEST_CASE("A time in the future counts from now") {
  const OwnerLedger ledger = after({both(1000, {a}), both(10, {a})});
  CHECK(visible_since(ledger, a) == at(10));
}

TEST_CASE("After a reboot the wall clock alone counts, and backwards it counts from now") {
  OwnerLook rebooted = both(100, {a});
  rebooted.ended = at(100, "boot-2");
  rebooted.ended.since_boot = Seconds{5};
  const OwnerLedger ledger = after({both(0, {a}), rebooted});
  CHECK(elapsed(*visible_since(ledger, a), rebooted.ended) == Seconds{100});
}

TEST_CASE("What danectl deletes is not visible, though slow servers still give it") {
  const OwnerLedger ledger = after_look(with_withdrawn(after({both(0, {a, b})}), {a}), both(10, {a, b}));
  CHECK_FALSE(visible_since(ledger, a));
  CHECK(visible_since(ledger, b) == at(0));
  CHECK(ledger.withdrawn == RRset{a});
  const OwnerLedger on_its_way =
      after_look(ledger, LookBuilder(at(20)).server("ns1.example.com", {b}).server("ns2.example.com", {a, b}).done());
  CHECK(on_its_way.withdrawn == RRset{a});
}

TEST_CASE("Its clock begins once it is published anew, or has been gone from every server") {
  const OwnerLedger ledger = with_withdrawn(after({both(0, {a})}), {a});
  CHECK(visible_since(after_look(with_published(ledger, {a}), both(10, {a})), a) == at(10));
  const OwnerLedger gone = after_look(ledger, both(10, {}));
  CHECK(gone.withdrawn.empty());
  CHECK(visible_since(after_look(gone, both(20, {a})), a) == at(20));
}

TEST_CASE("What was deleted where an alias led before says nothing of where it leads now") {
  const OwnerLedger ledger = with_withdrawn(after({both(0, {a})}), {a});
  OwnerLook elsewhere = both(10, {a});
  elsewhere.chain = {elsewhere.owner, name("tlsa.example.com")};
  for (ServerAnswer& answer : elsewhere.answers) answer.qname = elsewhere.canonical();
  CHECK(after_look(ledger, elsewhere).withdrawn.empty());
}

TEST_CASE("A look that could not ask every server does not show that a deleted record is gone") {
  const OwnerLedger ledger = with_withdrawn(after({both(0, {a})}), {a});
  const OwnerLook one_silent = LookBuilder(at(10)).server("ns1.example.com", {}).silent("ns2.example.com").done();
  CHECK(after_look(ledger, one_silent).withdrawn == RRset{a});
}

TEST_CASE("Beside SHA-512 alone a record that has gone may have been all that a sender knew") {
  const Association sha512 = record("3 1 2 " + std::string(128, 'a'));
  const Association issuer = record("2 1 1 " + std::string(64, 'c'));
  const OwnerLedger ledger = after({both(0, {sha512, a, issuer}), both(500, {sha512, a})});
  CHECK(relied_on_since(ledger, sha512, {sha512}) == at(500));
  CHECK(relied_on_since(ledger, sha512, {a, sha512}) == at(0));
  CHECK(relied_on_since(ledger, a, {a}) == at(0));
}
