// What has to be known before a change of DNS is begun, and when the probes are asked.
#include "core/rollover/change.hpp"

#include "fakes/places.hpp"
#include "fakes/published_owner.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace danectl;

namespace {

using Kind = Objection::Kind;
using Does = DnsChange::Does;

// A lineage that presents one chain and wants its record and that of the next key.
class Asking {
 public:
  Asking() {
    lineage.name = "mx";
    lineage.presented = {view(deployed)};
    want(own, RecordRole::current);
    want(coming, RecordRole::next);
  }
  static ChainView view(const Chain& chain) {
    return {"the chain", KnownChain{shared(chain)}, {"mx.example.com"}, senders_of({{3, 1, 1}})};
  }
  void want(const Association& record, RecordRole role) {
    lineage.wanted.push_back({record, role});
    lineage.known.push_back({record, std::nullopt});
  }
  void know(const Association& record) { lineage.known.push_back({record, std::nullopt}); }
  void see(const SeenAt& look) { place.ledger = after_look(place.ledger, look); }
  void see(const RRset& records) { see(LookBuilder(at(0)).server("ns1.example.com", records).done()); }
  void see(const RRset& first, const RRset& second) {
    see(LookBuilder(at(0)).server("ns1.example.com", first).server("ns2.example.com", second).done());
  }
  ChangePlan plan() {
    place.lineages = {lineage};
    return next_change(place, rule);
  }
  ChangePlan plan_with(const Shown& shown) {
    rule.shown = &shown;
    ChangePlan found = plan();
    rule.shown = nullptr;
    return found;
  }
  bool objects(Kind kind) {
    const Objections objections = plan().objections;
    return std::any_of(objections.begin(), objections.end(), [&](const Objection& one) { return one.kind == kind; });
  }

  Place place{.name = test_owner(), .ledger = Ledger{.name = test_owner()}};
  LineageOn lineage;
  ChangeRule rule;
  Chain deployed = new_chain();
  Association own = spki(deployed);
  Association coming = spki(new_chain());
  const Association old = record_of('9');
};

const Objection cannot_ask{.kind = Kind::probe, .owner = test_owner(), .server = "mx", .why = "connection refused"};

}  // namespace

TEST_CASE_METHOD(Asking, "Without a validated answer of every server nothing is changed, additions neither") {
  see({own});
  place.unanswered = {{.kind = Kind::silent, .owner = test_owner(), .server = "ns2", .why = "no answer"}};
  CHECK_FALSE(plan().change);
  CHECK(plan().objections.size() == 1);
  CHECK(plan().objections.front().server == "ns2");
  CHECK(plan().missing == RRset{coming});
}

TEST_CASE_METHOD(Asking, "While some servers give what was asked for and others do not no other change is begun") {
  see({own});
  RRset both{own, old};
  std::sort(both.begin(), both.end());
  place.ledger = with_asked(place.ledger, both, Seconds{60}, {{own}});
  CHECK(plan().change);  // not done anywhere yet: think again
  see({own, old}, {own});
  CHECK_FALSE(plan().change);
  CHECK(objects(Kind::following));
  know(old);
  rule.only = Does::remove;
  CHECK_FALSE(plan().change);
}

TEST_CASE_METHOD(Asking, "While servers differ for another reason records are added and none is deleted") {
  know(old);
  see({own, coming, old}, {own, coming});
  CHECK_FALSE(plan().change);
  CHECK(objects(Kind::differ));
  see({own, old}, {own});
  REQUIRE(plan().change);
  CHECK(plan().change->records == RRset{coming});
}

TEST_CASE_METHOD(Asking, "While a record of what is deployed is missing nothing is deleted") {
  know(old);
  rule.only = Does::remove;
  see({coming, old});
  CHECK_FALSE(plan().change);
  CHECK(objects(Kind::additions_first));
  CHECK(against_deleting(place, old, rule).front().kind == Kind::additions_first);
  see({own, old});
  CHECK(plan().change);  // that of the next key is not waited for
}

TEST_CASE_METHOD(Asking, "A lineage on the name of which nothing is known forbids deletions alone") {
  know(old);
  lineage.unreadable = "what other has and presents is not known";
  see({own, old});
  REQUIRE(plan().change);
  CHECK(plan().change->does == Does::add);
  see({own, coming, old});
  CHECK_FALSE(plan().change);
  CHECK(objects(Kind::unreadable));
}

TEST_CASE_METHOD(Asking, "The probes are asked before a deletion") {
  know(old);
  see({own, coming, old});
  REQUIRE(plan().change);
  CHECK(plan().ask_probes);
  const ChangePlan asked = plan_with({{view(deployed)}, {}, {}});
  REQUIRE(asked.change);
  CHECK(asked.change->records == RRset{old});
  CHECK_FALSE(asked.ask_probes);
}

TEST_CASE_METHOD(Asking, "A server that presents a chain which needs the record keeps it, with SNI or without") {
  const Chain before = new_chain();
  know(spki(before));
  see({own, coming, spki(before)});
  CHECK(plan().change);
  CHECK_FALSE(plan_with({{view(before)}, {}, {}}).change);
  CHECK_FALSE(plan_with({{}, {view(before)}, {}}).change);
}

TEST_CASE_METHOD(Asking, "A probe that cannot be asked forbids a deletion, and an addition only where it begins") {
  know(old);
  const Shown silent{{}, {}, {cannot_ask}};
  see({own, coming, old});
  CHECK_FALSE(plan_with(silent).change);
  see({own});
  CHECK(plan_with(silent).change);
  see(RRset{});
  CHECK_FALSE(plan_with(silent).change);
}

TEST_CASE_METHOD(Asking, "An addition beside usable records needs no probe, the first one does") {
  see({own});
  CHECK_FALSE(plan().ask_probes);
  see(RRset{});
  CHECK(plan().ask_probes);
  CHECK(begins(place, *plan().change));
  see({record("1 1 1 " + std::string(64, 'f'))});  // of no use for SMTP
  CHECK(plan().ask_probes);
}

TEST_CASE_METHOD(Asking, "The first record waits until every probe presents a chain that passes") {
  see(RRset{});
  CHECK(plan_with({{view(deployed)}, {}, {}}).change);
  CHECK_FALSE(plan_with({{view(deployed), view(new_chain())}, {}, {}}).change);
}

TEST_CASE_METHOD(Asking, "For the first record the handshakes without SNI do not count: every DANE sender sends it") {
  see(RRset{});
  CHECK(plan_with({{view(deployed)}, {view(new_chain())}, {}}).change);
}

TEST_CASE_METHOD(Asking, "What handshakes without SNI show is told beside the first record, where it would not pass") {
  see(RRset{});
  place.lineages = {lineage};
  const DnsChange addition{Does::add, {own, coming}};
  const Shown shown{{view(deployed)}, {view(deployed), view(new_chain())}, {}, {cannot_ask}, {}};
  const Objections told = without_sni(place, addition, shown);
  REQUIRE(told.size() == 2);
  CHECK(told.front().kind == Kind::would_fail);
  CHECK(told.back().kind == Kind::probe);
}

TEST_CASE_METHOD(Asking, "Beside SHA-512 alone the first record of SHA-256 begins for senders that know no other") {
  know(spki(deployed, "3 1 2"));
  see({spki(deployed, "3 1 2")});
  REQUIRE(plan().change);
  CHECK(plan().ask_probes);
  lineage.wanted = {{spki(new_chain(), "3 1 2"), RecordRole::next}};
  REQUIRE(plan().change);
  CHECK_FALSE(plan().ask_probes);
}

TEST_CASE_METHOD(Asking, "The record of an issuer stays where it may be another host's, and goes by a person") {
  const Association issuer = record("2 1 1 " + std::string(64, 'c'));
  know(issuer);
  know(old);
  see({own, coming, old, issuer});
  REQUIRE(plan().change);
  CHECK(plan().change->records == RRset{old});
  CHECK(objects(Kind::needs_person));
  CHECK(against_deleting(place, issuer, rule).front().kind == Kind::needs_person);
  rule.issuers = ChangeRule::Issuers::may_go;
  CHECK(plan().change->records == RRset{issuer, old});
  CHECK(against_deleting(place, issuer, rule).empty());
}

TEST_CASE_METHOD(Asking, "What comes of a change is one RRset for each that servers give, and more by one at a time") {
  using Method = ChangeRule::Method;
  const Association a = record_of('a');
  const Association b = record_of('b');
  see(RRset{a}, RRset{});
  const DnsChange both{Does::add, {b, own}};
  const auto all = outcomes(place.ledger, both, {});
  CHECK(all.size() == 2);
  const auto on_the_way = outcomes(place.ledger, both, {.method = Method::one_at_a_time});
  CHECK(on_the_way.size() == 6);
  CHECK(std::count(on_the_way.begin(), on_the_way.end(), RRset{own}) == 1);  // a provider may lose the first
  CHECK(std::count(on_the_way.begin(), on_the_way.end(), RRset{b}) == 1);
  CHECK(outcomes(place.ledger, {Does::remove, {a}}, {}) == std::vector<RRset>{RRset{}});
}

TEST_CASE_METHOD(Asking, "Nothing is changed at a name where servers give an alias") {
  SeenAt look = LookBuilder(at(0)).server("ns1.example.com", {}).done();
  look.answers.front().cname = name("tlsa.example.net");
  see(look);
  CHECK_FALSE(plan().change);
}
TEST_CASE("Without a prerequisite a change may come upon one that was asked for before") {
  const Association a = record_of('a');
  const Association b = record_of('b');
  const Association c = record_of('c');
  Ledger ledger;
  ledger.name = test_owner();
  ledger = after_look(ledger, LookBuilder(at(0)).server("ns1.example.com", {a}).done());
  ledger = with_asked(ledger, {a, b}, Seconds{60}, {{a}});
  const DnsChange change{DnsChange::Does::add, {c}};
  CHECK(outcomes(ledger, change, {}) == std::vector<RRset>{{a, c}});
  CHECK(outcomes(ledger, change, {.sends = ChangeRule::Sends::blindly}) == std::vector<RRset>{{a, b, c}, {a, c}});
}
