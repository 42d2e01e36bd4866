#include "core/rollover/gate.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

const Association a = record_of('a');

OwnerLook seen(double when, const RRset& records = {a}) {
  return LookBuilder(at(when)).server("ns1.example.com", records, Seconds{60}).done();
}

GateAnswer ask(const OwnerLedger& ledger, const OwnerLook& look, HoldDown rule = HoldDown::required,
               Seconds min_hold = Seconds{0}) {
  return gate({ledger}, {look}, {a}, min_hold, rule, look.started);
}

}  // namespace

TEST_CASE("A key is ready when twice the TTL has passed, and not a second before") {
  OwnerLedger ledger = after_look({}, seen(0));
  CHECK(ask(after_look(ledger, seen(119)), seen(119)).stage() == KeyStage::visible);
  CHECK(ask(after_look(ledger, seen(119)), seen(119)).each.front().remaining == Seconds{1});
  CHECK(ask(after_look(ledger, seen(120)), seen(120)).ready());
}

TEST_CASE("A key over its hold-down is not ready when this look could not confirm it") {
  const OwnerLedger ledger = after_look({}, seen(0));
  const OwnerLook silent = LookBuilder(at(500)).silent("ns1.example.com").done();
  const GateAnswer answer = ask(after_look(ledger, silent), silent);
  CHECK(answer.stage() == KeyStage::ready);
  CHECK_FALSE(answer.ready());
}

TEST_CASE("A key over its hold-down is not ready while the zone is not secure") {
  for (const Dnssec dnssec : {Dnssec::insecure, Dnssec::bogus, Dnssec::unknown}) {
    OwnerLook look = seen(500);
    look.dnssec = dnssec;
    look.why = "not secure";
    CHECK_FALSE(ask(after_look(after_look({}, seen(0)), look), look).ready());
  }
}

TEST_CASE("A key over its hold-down is not ready while the resolver still answers without it") {
  const OwnerLook cached = LookBuilder(at(500)).server("ns1.example.com", {a}).resolver_has({}).done();
  CHECK_FALSE(ask(after_look(after_look({}, seen(0)), cached), cached).ready());
}

TEST_CASE("Without the hold-down a key must be visible all the same") {
  const OwnerLedger ledger = after_look({}, seen(0));
  CHECK(ask(ledger, seen(0), HoldDown::skipped_by_a_person).ready());
  const OwnerLook lacking = seen(1, {});
  CHECK_FALSE(ask(after_look(ledger, lacking), lacking, HoldDown::skipped_by_a_person).ready());
  const OwnerLook silent = LookBuilder(at(1)).silent("ns1.example.com").done();
  CHECK_FALSE(ask(after_look(ledger, silent), silent, HoldDown::skipped_by_a_person).ready());
}

TEST_CASE("A clock set forward makes nothing ready: the clock since boot did not move") {
  const OwnerLedger ledger = after_look({}, seen(0));
  OwnerLook stepped = seen(10);
  stepped.started.wall += std::chrono::hours(24);
  stepped.ended = stepped.started;
  CHECK_FALSE(ask(after_look(ledger, stepped), stepped).ready());
}

TEST_CASE("Every owner must be ready") {
  const OwnerLedger ledger = after_look({}, seen(0));
  const OwnerLook now = seen(500);
  OwnerLook other = seen(500, {});
  other.owner = name("_465._tcp.mx.example.com");
  other.chain = {other.owner};
  other.answers.front().qname = other.owner;
  OwnerLedger fresh;
  const GateAnswer answer = gate({after_look(ledger, now), after_look(fresh, other)}, {now, other}, {a}, Seconds{0},
                                 HoldDown::required, at(500));
  CHECK_FALSE(answer.ready());
  CHECK(answer.stage() == KeyStage::staged);
}

TEST_CASE("Nothing to ask about is not ready") {
  CHECK_FALSE(GateAnswer{}.ready());
}

TEST_CASE("A refusal names the server, its address and what it said") {
  const OwnerLook look = LookBuilder(at(0)).server("ns1.example.com", {a}).server("ns2.example.com", {}).done();
  const GateAnswer answer = ask(after_look({}, look), look);
  REQUIRE(answer.each.front().blocked_by.size() == 1);
  CHECK(answer.each.front().blocked_by.front() ==
        "ns2.example.com (192.0.2.2): has no TLSA record at _25._tcp.mx.example.com");
}

namespace {

Association stronger(char digit) {
  return record("3 1 2 " + std::string(128, digit));
}

GateAnswer asked_after(const std::vector<std::pair<double, RRset>>& looks, double now,
                       const Group& profile = {3, 1, 1}) {
  OwnerLedger ledger;
  OwnerLook last;
  for (const auto& [when, records] : looks) {
    last = LookBuilder(at(when)).server("ns1.example.com", records).done();
    ledger = after_look(ledger, last);
  }
  last.started = at(now);
  const KeyId key{std::string(64, 'b'), std::string(128, 'b'), KeyType::ecdsa_p256};
  return gate_of({key, {}}, {profile}, {ledger}, {last}, Seconds{0}, HoldDown::required, at(now));
}

}  // namespace

TEST_CASE("A stronger digest of another key hides the record, and the hold-down begins when it has gone") {
  const RRset hidden{record_of('a'), record_of('b'), stronger('a')};
  const RRset bare{record_of('a'), record_of('b')};
  CHECK_FALSE(asked_after({{0, hidden}, {500, hidden}}, 500).ready());
  CHECK_FALSE(asked_after({{0, hidden}, {500, bare}}, 500).ready());
  CHECK_FALSE(asked_after({{0, hidden}, {500, bare}, {600, bare}}, 619).ready());
  CHECK(asked_after({{0, hidden}, {500, bare}, {620, bare}}, 620).ready());
}

TEST_CASE("Where a stronger digest is published the key's own must have been visible for the hold-down, too") {
  const RRset before{record_of('a'), record_of('b'), stronger('a')};
  const RRset after{record_of('a'), record_of('b'), stronger('a'), stronger('b')};
  CHECK_FALSE(asked_after({{0, before}, {500, after}}, 500).ready());
  CHECK(asked_after({{0, before}, {500, after}, {620, after}}, 620).ready());
}

TEST_CASE("Under SHA-512 alone a record of another usage holds a promotion: some senders go by that alone") {
  const Association issuer = record("2 1 1 " + std::string(64, 'c'));
  const RRset before{stronger('b'), issuer};
  const GateAnswer held = asked_after({{0, before}, {500, before}}, 500, {3, 1, 2});
  CHECK_FALSE(held.ready());
  CHECK(held.each.front().blocked_by ==
        std::vector<std::string>{"2 1 1 records are published, and a sender that does not know SHA-512 goes by those "
                                 "alone: delete them, or put a line of SHA-256 into the profile"});
  const RRset bare{stronger('b')};
  CHECK_FALSE(asked_after({{0, before}, {500, bare}, {619, bare}}, 619, {3, 1, 2}).ready());
  CHECK(asked_after({{0, before}, {500, bare}, {620, bare}}, 620, {3, 1, 2}).ready());
  const RRset beside{record_of('b'), issuer};
  CHECK(asked_after({{0, beside}, {500, beside}}, 500).ready());
}

TEST_CASE("A record that danectl has deleted is not relied on while servers still give it") {
  const OwnerLedger ledger = with_withdrawn(after_look({}, seen(0)), {a});
  const GateAnswer answer = ask(after_look(ledger, seen(500)), seen(500), HoldDown::skipped_by_a_person);
  CHECK_FALSE(answer.ready());
  CHECK(answer.each.front().lacking);
  CHECK(answer.each.front().blocked_by.front().find("danectl has deleted it") != std::string::npos);
}

TEST_CASE("Beside a weaker digest of others the key's own is wanted, since a sender may know no stronger one") {
  const RRset others{record_of('a'), stronger('a'), stronger('b')};
  const GateAnswer answer = asked_after({{0, others}, {500, others}}, 500, {3, 1, 2});
  CHECK_FALSE(answer.ready());
  REQUIRE(answer.each.size() == 2);
  CHECK(answer.each.back().lacking);
  CHECK(answer.each.back().blocked_by.front() ==
        "other 3 1 1 records are published, and a sender may go by those alone (RFC 7671 section 8): delete them, or "
        "put \"3 1 1\" into the profile");
  const RRset all{record_of('a'), record_of('b'), stronger('a'), stronger('b')};
  CHECK(asked_after({{0, all}, {500, all}}, 500, {3, 1, 2}).ready());
}

TEST_CASE("When a weaker digest has gone caches may have it still, and a sender that knows no other") {
  const RRset others{record_of('a'), stronger('b')};
  const RRset bare{stronger('b')};
  CHECK_FALSE(asked_after({{0, others}, {500, bare}, {600, bare}}, 619, {3, 1, 2}).ready());
  CHECK(asked_after({{0, others}, {500, bare}, {620, bare}}, 620, {3, 1, 2}).ready());
}
