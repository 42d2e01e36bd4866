#include "core/rollover/change.hpp"

#include "core/keys/pem_blocks.hpp"
#include "fakes/places.hpp"
#include "fakes/published_owner.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace danectl;

namespace {

using Kind = Objection::Kind;
using Does = DnsChange::Does;

// A name with one lineage on it: what its server presents, what it wants there, what it knows.
class Changing {
 public:
  Changing() { lineage.name = "mx"; }

  void see(const SeenAt& look) { place.ledger = after_look(place.ledger, look); }
  void see(const RRset& records) { see(LookBuilder(at(0)).server("ns1.example.com", records).done()); }
  void see(const RRset& first, const RRset& second) {
    see(LookBuilder(at(0)).server("ns1.example.com", first).server("ns2.example.com", second).done());
  }
  void present(const Chain& chain, const std::vector<Group>& profile = {{3, 1, 1}}) {
    lineage.presented.push_back(view(chain, profile));
  }
  static ChainView view(const Chain& chain, const std::vector<Group>& profile = {{3, 1, 1}}) {
    return {"the deployed chain of mx", KnownChain{shared(chain)}, {"mx.example.com"}, senders_of(profile)};
  }
  void want(const RRset& records) {
    for (const Association& record : records) {
      lineage.wanted.push_back({record, RecordRole::current});
      know({record});
    }
  }
  void know(const RRset& records) {
    for (const Association& record : records) lineage.known.push_back({record, std::nullopt});
  }
  ChangePlan plan() {
    place.lineages = {lineage};
    return next_change(place, rule);
  }
  RRset change(Does does) {
    const ChangePlan found = plan();
    for (const Objection& one : found.objections) UNSCOPED_INFO("objection " << static_cast<int>(one.kind));
    REQUIRE(found.change);
    CHECK(found.change->does == does);
    RRset records = found.change->records;
    std::sort(records.begin(), records.end());
    return records;
  }
  [[nodiscard]] static RRset sorted(RRset records) {
    std::sort(records.begin(), records.end());
    return records;
  }

  Place place{.name = test_owner(), .ledger = Ledger{.name = test_owner()}};
  LineageOn lineage;
  ChangeRule rule;
  Chain deployed = new_chain();
  Chain next = new_chain();
  Association own = spki(deployed);
  Association coming = spki(next);
};

bool any_of_kind(const Objections& objections, Kind kind) {
  return std::any_of(objections.begin(), objections.end(), [&](const Objection& one) { return one.kind == kind; });
}

}  // namespace

TEST_CASE_METHOD(Changing, "What is wanted and not everywhere is added, and what is there stays") {
  present(deployed);
  want({own, coming});
  see({own, record_of('f')});
  CHECK(change(Does::add) == RRset{coming});
  see({own, coming});
  CHECK_FALSE(plan().change);
  CHECK(plan().missing.empty());
}

TEST_CASE_METHOD(Changing, "A record that one server lacks is added once more, whoever removed it there") {
  present(deployed);
  want({own, coming});
  see({own, coming}, {own});
  CHECK(change(Does::add) == RRset{coming});
}

TEST_CASE_METHOD(Changing, "Each RRset that a server gives counts for a change, not the first alone") {
  const Chain before = new_chain();
  const Association stronger = spki(deployed, "3 1 2");
  present(deployed);
  present(before);
  want({own, stronger});
  know({spki(before), spki(before, "3 1 2")});
  see({own, spki(before), spki(before, "3 1 2")}, {own, spki(before)});
  // On the second server it would hide the record of the chain before.
  CHECK_FALSE(plan().change);
  CHECK(any_of_kind(plan().objections, Kind::would_fail));
}

TEST_CASE_METHOD(Changing, "What is published, known and not wanted is deleted, and foreign records are not") {
  present(deployed);
  want({own});
  know({spki(next)});
  see({own, coming, record_of('f')});
  CHECK(change(Does::remove) == RRset{coming});
  CHECK(foreign_at(place) == RRset{record_of('f')});
}

TEST_CASE_METHOD(Changing, "Additions come first") {
  present(deployed);
  want({own, coming});
  lineage.wanted.back().role = RecordRole::next;
  know({record_of('9')});
  see({own, record_of('9')});
  CHECK(change(Does::add) == RRset{coming});
  rule.only = Does::remove;
  CHECK(change(Does::remove) == RRset{record_of('9')});
}

TEST_CASE_METHOD(Changing, "A record stays while a chain that is presented passes by it alone") {
  present(deployed);
  lineage.presented.push_back(view(next));
  lineage.presented.back().what = "the chain of before";
  lineage.presented.back().until = at(500).wall;
  want({own});
  know({coming});
  see({own, coming});
  const ChangePlan found = plan();
  CHECK_FALSE(found.change);
  CHECK(found.left == RRset{coming});
  REQUIRE(found.objections.size() == 1);
  CHECK(found.objections.front().kind == Kind::needed);
  CHECK(found.objections.front().chain == "the chain of before");
  CHECK(found.objections.front().until == at(500).wall);
  CHECK(found.objections.front().rrset == RRset{own});
}

TEST_CASE_METHOD(Changing, "What a chain fails already holds no change up: nobody is worse off") {
  present(deployed);
  present(new_chain());  // its record was never here
  want({own, coming});
  see({own});
  CHECK(change(Does::add) == RRset{coming});
}

TEST_CASE_METHOD(Changing, "A wanted record is added though the deployed chain fails by what is there") {
  present(deployed);
  want({own});
  see({record_of('f')});
  CHECK(change(Does::add) == RRset{own});
}

TEST_CASE_METHOD(Changing, "A record stays that senders need who take no issuer out of DNS") {
  const Chain leaf_alone{{deployed.leaf()}};
  const Association whole{{2, 0, 0}, to_hex(read_pem_blocks(deployed.certificates[1].pem)->front().der)};
  present(leaf_alone, {{2, 1, 1}});
  know({own});
  see({own, whole});
  const ChangePlan found = plan();
  CHECK_FALSE(found.change);
  REQUIRE(any_of_kind(found.objections, Kind::needed));
  CHECK(found.objections.front().sender->knows == Sender::Knows::no_anchors);
  lineage.presented.clear();
  present(deployed, {{2, 1, 1}});
  CHECK(change(Does::remove) == RRset{own});
}

TEST_CASE_METHOD(Changing, "A stronger digest is begun with all at once, or with that of the current key first") {
  const std::vector<Group> profile{{3, 1, 1}, {3, 1, 2}};
  const Association own512 = spki(deployed, "3 1 2");
  const Association coming512 = spki(next, "3 1 2");
  present(deployed, profile);
  want({own, coming, own512, coming512});
  see({own, coming});
  CHECK(change(Does::add) == sorted({own512, coming512}));
  rule.method = ChangeRule::Method::one_at_a_time;
  REQUIRE(plan().change);
  CHECK(plan().change->records == RRset{own512});  // without it the other one would hide the current key
  see({own, coming, own512});
  REQUIRE(plan().change);
  CHECK(plan().change->records == RRset{coming512});
}

TEST_CASE_METHOD(Changing, "A stronger digest that would hide another lineage's record waits for that one's own") {
  const Chain neighbour = new_chain();
  present(deployed, {{3, 1, 2}});
  present(neighbour);
  want({own, spki(deployed, "3 1 2")});
  know({spki(neighbour)});
  lineage.wanted.push_back({spki(neighbour), RecordRole::current});
  see({own, spki(neighbour)});
  const ChangePlan found = plan();
  CHECK_FALSE(found.change);
  REQUIRE(any_of_kind(found.objections, Kind::would_fail));
  CHECK(found.objections.front().sender->knows == Sender::Knows::every_digest);
  want({spki(neighbour, "3 1 2")});
  CHECK(change(Does::add) == sorted({spki(deployed, "3 1 2"), spki(neighbour, "3 1 2")}));
}

TEST_CASE_METHOD(Changing, "A line that left the profile goes, digest by digest, in an order in which nobody fails") {
  present(deployed);
  want({own, coming});
  const RRset sha512{spki(deployed, "3 1 2"), spki(next, "3 1 2")};
  know(sha512);
  see({own, coming, sha512[0], sha512[1]});
  CHECK(change(Does::remove) == sorted(sha512));
  rule.method = ChangeRule::Method::one_at_a_time;
  REQUIRE(plan().change);
  CHECK(plan().change->records == RRset{sha512[1]});  // while the current key's own is there
  see({own, coming, sha512[0]});
  REQUIRE(plan().change);
  CHECK(plan().change->records == RRset{sha512[0]});
}

TEST_CASE_METHOD(Changing, "What cannot be changed at once is changed as far as that is allowed") {
  present(deployed);
  want({own, coming, record("3 1 2 " + std::string(128, 'e'))});
  see({own});
  CHECK(change(Does::add) == RRset{coming});
  const ChangePlan found = plan();
  CHECK(any_of_kind(found.objections, Kind::would_fail));
}

TEST_CASE_METHOD(Changing, "A foreign record speaks for servers of which nothing else is known") {
  const Chain foreign = new_chain();
  present(deployed, {{3, 1, 2}});
  want({own, spki(deployed, "3 1 2")});
  see({own, spki(foreign)});
  CHECK_FALSE(plan().change);  // it would hide the record of others
  CHECK(plan().objections.front().chain == "the servers of others with the record " + spki(foreign).text());
  see({own, spki(foreign), spki(foreign, "3 1 2")});
  CHECK(change(Does::add) == RRset{spki(deployed, "3 1 2")});
}

TEST_CASE_METHOD(Changing,
                 "A foreign record that a person names speaks for nobody, and for servers that need it still") {
  present(deployed);
  want({own});
  see({own, record_of('e'), record_of('f')});
  place.lineages = {lineage};
  const Shown shown;
  CHECK(may_delete_foreign(place, record_of('f'), {.shown = &shown}).empty());
  CHECK_FALSE(may_delete_foreign(place, own, {.shown = &shown}).empty());
  const Shown presenting{{view(new_chain())}, {}, {}};
  Shown needs{{view(next)}, {}, {}};
  see({own, coming});
  place.lineages = {lineage};
  CHECK(may_delete_foreign(place, coming, {.shown = &presenting}).empty());
  CHECK(any_of_kind(may_delete_foreign(place, coming, {.shown = &needs}), Kind::needed));
  needs = {{}, {}, {{.kind = Kind::probe, .server = "mx", .why = "connection refused"}}};
  CHECK(any_of_kind(may_delete_foreign(place, coming, {.shown = &needs}), Kind::probe));
}

TEST_CASE_METHOD(Changing, "A foreign record of our own certificate, or of no use, speaks for nobody") {
  present(deployed);
  want({own});
  const Association whole{{3, 0, 1}, deployed.leaf().fingerprint};
  for (const Association& foreign : {whole, record("1 1 1 " + std::string(64, 'f')), Association{{3, 1, 1}, "abcd"}}) {
    see({foreign});
    CHECK(change(Does::add) == RRset{own});
    CHECK(foreign_at(place) == RRset{foreign});
    place.lineages.clear();
  }
}

TEST_CASE_METHOD(Changing, "A foreign record that hides the deployed key's may go: what counts is what remains") {
  const Association hiding = record("3 1 2 " + std::string(128, 'f'));
  present(deployed);
  want({own});
  see({own, hiding});
  place.lineages = {lineage};
  CHECK(may_delete_foreign(place, hiding, {}).empty());
}

TEST_CASE_METHOD(Changing, "A foreign record is deleted only where servers agree and answered") {
  present(deployed);
  want({own});
  see({own, record_of('f')}, {own});
  place.lineages = {lineage};
  CHECK(any_of_kind(may_delete_foreign(place, record_of('f'), {}), Kind::differ));
  place.unanswered = {{.kind = Kind::silent, .owner = test_owner(), .why = "no answer"}};
  CHECK(any_of_kind(may_delete_foreign(place, record_of('f'), {}), Kind::silent));
}

TEST_CASE_METHOD(Changing,
                 "What a wildcard gave is hidden by the RRset at the name, so that all of it has to be in that") {
  present(deployed);
  want({own, coming});
  SeenAt look = LookBuilder(at(0)).server("ns1.example.com", {own, record_of('f')}).done();
  look.answers.front().from_wildcard = true;
  see(look);
  CHECK(change(Does::add) == sorted({own, coming, record_of('f')}));
  const ChangePlan found = plan();
  CHECK(outcomes(place.ledger, *found.change, {}) == std::vector<RRset>{sorted({own, coming, record_of('f')})});
}

TEST_CASE_METHOD(Changing, "Where nothing is wanted a wildcard stays as it is") {
  present(deployed);
  SeenAt look = LookBuilder(at(0)).server("ns1.example.com", {own}).done();
  look.answers.front().from_wildcard = true;
  see(look);
  CHECK_FALSE(plan().change);
  CHECK(plan().missing.empty());
}

TEST_CASE_METHOD(Changing, "The first record below a host of a wildcard would end that, and later ones cannot") {
  present(deployed);
  want({own, coming});
  std::vector<OwnerLook> looks{LookBuilder(at(0)).server("ns1.example.com", {}).done()};
  const auto against = [&] { return may_begin_below({{}, looks, at(0)}, test_owner()); };
  CHECK(against().empty());
  looks.front().host_unknown = "SERVFAIL";
  CHECK(any_of_kind(against(), Kind::silent));
  looks.front().host_unknown.clear();
  looks.front().host_is_from_wildcard = true;
  place.against_first = against();
  see(RRset{});
  CHECK_FALSE(plan().change);
  REQUIRE(any_of_kind(plan().objections, Kind::ends_wildcard));
  CHECK(plan().objections.front().remedy == "give mx.example.com an A or AAAA record of its own, then publish again");
  see({own});  // by another host meanwhile
  CHECK(change(Does::add) == RRset{coming});
  place.against_first.clear();
  see(RRset{});
  CHECK(change(Does::add) == sorted({own, coming}));
}
