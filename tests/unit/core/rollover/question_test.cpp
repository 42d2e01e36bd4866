#include "core/rollover/question.hpp"

#include "core/keys/pem_blocks.hpp"
#include "fakes/looks.hpp"
#include "fakes/published_owner.hpp"
#include "fakes/test_ca.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace danectl;

namespace {

using Kind = Objection::Kind;
using By = HeldVersion::By;

Association stronger(const Chain& chain) {
  return spki(chain, "3 1 2");
}

// An owner, what its servers gave look by look, and a chain that is to be deployed.
class Asked {
 public:
  void see(const SeenAt& look) {
    ledgers.try_emplace(test_owner(), Ledger{.name = test_owner()});
    ledgers[test_owner()] = after_look(ledgers[test_owner()], look);
    looks = {look};
  }
  void see(double when, const RRset& records) { see(LookBuilder(at(when)).server("ns1.example.com", records).done()); }
  // Nothing was ever there but these, for long.
  void see_for_long(const RRset& records) {
    see(0, records);
    see(1000, records);
  }
  [[nodiscard]] Seen seen(double now) const { return {ledgers, looks, at(now), caches}; }
  [[nodiscard]] Objections deploy(double now) const {
    return may_deploy(seen(now), rule, {"the chain", KnownChain{shared(chain)}}, at(now).wall);
  }

  Ledgers ledgers;
  std::vector<OwnerLook> looks;
  DeployRule rule{{test_owner()}, {{3, 1, 1}}, Seconds{0}};
  Caches caches = Caches::count;
  Chain chain = new_chain();
  Association own = spki(chain);
};

bool any_of_kind(const Objections& objections, Kind kind) {
  return std::any_of(objections.begin(), objections.end(), [&](const Objection& one) { return one.kind == kind; });
}

}  // namespace

TEST_CASE_METHOD(Asked, "Where an issuer was named, no chain of another one is adopted against what was never heard") {
  const std::string key = test_key();
  const auto issued_by = [&](const TestCa& ca) {
    return parse_chain(ca.issue({"mx.example.com"}, key, at(0).wall, at(1'000'000).wall)).value();
  };
  const Chain deployed = issued_by(TestCa());
  const Chain fresh = issued_by(TestCa());
  see(0, {spki(deployed)});
  CHECK(may_adopt(ledgers, rule, fresh, deployed, at(1), at(1).wall).empty());
  see(2, {spki(deployed), record("2 1 1 " + std::string(64, 'a'))});
  CHECK(any_of_kind(may_adopt(ledgers, rule, fresh, deployed, at(3), at(3).wall), Kind::fails));
}

TEST_CASE_METHOD(Asked, "A certificate that is issued while a look runs is not of another issuer") {
  const TestCa ca;
  rule.profile = {{2, 1, 1}};
  const Chain deployed = parse_chain(ca.issue({"mx.example.com"}, test_key(), at(0).wall, at(1'000'000).wall)).value();
  const Chain fresh = parse_chain(ca.issue({"mx.example.com"}, test_key(), at(1007).wall, at(1'000'000).wall)).value();
  see_for_long({association_of(deployed.certificates.back().key, {2, 1, 1})});
  CHECK(may_adopt(ledgers, rule, fresh, deployed, at(1005), at(1008).wall).empty());
  CHECK(any_of_kind(may_adopt(ledgers, rule, fresh, deployed, at(1005), at(1006).wall), Kind::other_key));
}

TEST_CASE_METHOD(Asked, "A chain may be deployed when it passes everything that a sender may hold") {
  see_for_long({own, record_of('a')});
  CHECK(deploy(1000).empty());
}

TEST_CASE_METHOD(Asked,
                 "A chain that fails one version held is refused with that version, and who gave it until when") {
  see_for_long({record_of('a')});
  see(2000, {record_of('a'), own});
  const Objections against = deploy(2000);
  REQUIRE(against.size() == 1);
  CHECK(against.front().kind == Kind::fails);
  CHECK(against.front().owner == test_owner());
  CHECK(against.front().chain == "the chain");
  CHECK(against.front().sender == Sender{});
  CHECK(against.front().held->by == By::cache);
  CHECK(against.front().held->version.records == RRset{record_of('a')});
  CHECK(against.front().held->until->at == at(2000));
  CHECK(against.front().held->lasts == Seconds{120});
  CHECK_FALSE(deploy(2119).empty());
  CHECK(deploy(2120).empty());
}

TEST_CASE_METHOD(Asked, "A deployment wants a record that matches: where nothing is published it waits") {
  see_for_long({});
  const Objections against = deploy(1000);
  REQUIRE_FALSE(against.empty());
  CHECK(against.front().held->version.records.empty());
  see_for_long({spki(chain, "1 1 1")});
  CHECK_FALSE(deploy(3000).empty());
}

TEST_CASE_METHOD(Asked, "A deployment wants the issuer sent, even where DNS holds it whole") {
  see_for_long({{{2, 0, 0}, to_hex(read_pem_blocks(chain.certificates[1].pem)->front().der)}});
  CHECK(deploy(1000).empty());
  chain.certificates.resize(1);
  const Objections against = deploy(1000);
  REQUIRE_FALSE(against.empty());
  CHECK(against.front().sender->knows == Sender::Knows::no_anchors);
}

TEST_CASE_METHOD(Asked, "A sender that can use nothing does not check, and holds nothing up") {
  rule.profile = {{3, 1, 2}};
  see_for_long({stronger(chain)});
  CHECK(deploy(1000).empty());
}

TEST_CASE_METHOD(Asked, "A deployment is refused for each kind of sender that would fail") {
  struct Case {
    const char* what;
    std::vector<Group> profile;
    RRset records;
    Sender::Knows fails;
  };
  const Chain other = new_chain();
  const Association issuer_of_others = record("2 1 1 " + std::string(64, 'c'));
  for (const Case& one : {
           Case{"a stronger digest of another key hides the record",
                {{3, 1, 1}},
                {own, stronger(other)},
                Sender::Knows::every_digest},
           Case{"under SHA-512 alone a weaker record of another",
                {{3, 1, 2}},
                {stronger(chain), spki(other)},
                Sender::Knows::no_sha512},
           Case{"under SHA-512 alone an issuer's record of another",
                {{3, 1, 2}},
                {stronger(chain), issuer_of_others},
                Sender::Knows::no_sha512},
           Case{"a line of the profile that is another's",
                {{3, 1, 1}, {2, 1, 1}},
                {own, issuer_of_others},
                Sender::Knows::one_line},
       }) {
    INFO(one.what);
    Asked here;
    here.chain = chain;
    here.rule.profile = one.profile;
    here.see_for_long(one.records);
    const Objections against = here.deploy(1000);
    REQUIRE_FALSE(against.empty());
    CHECK(against.front().sender->knows == one.fails);
  }
}

TEST_CASE_METHOD(Asked, "Dates count for a deployment") {
  rule.profile = {{2, 1, 1}};
  see_for_long({anchor(chain)});
  CHECK(deploy(1000).empty());
  CHECK_FALSE(may_deploy(seen(1000), rule, {"it", KnownChain{shared(chain)}}, at(0).wall + 90 * a_day).empty());
}

TEST_CASE_METHOD(Asked, "Without a look nothing is deployed") {
  see_for_long({own});
  looks.clear();
  CHECK(any_of_kind(deploy(1000), Kind::not_asked));
}

TEST_CASE_METHOD(Asked, "A server without a validated answer in this look forbids a deployment, and is named") {
  see_for_long({own});
  see(LookBuilder(at(2000)).silent("ns1.example.com").resolver_has({own}).done());
  const Objections against = deploy(2000);
  REQUIRE(against.size() == 1);
  CHECK(against.front().kind == Kind::silent);
  CHECK(against.front().server == "ns1.example.com (192.0.2.1)");
  CHECK(against.front().why == "no answer within 5 s");
  caches = Caches::left_out_by_a_person;  // the name servers never are
  CHECK_FALSE(deploy(2000).empty());
}

TEST_CASE_METHOD(Asked, "An answer of the resolver that is not secure forbids a deployment") {
  for (const Dnssec dnssec : {Dnssec::insecure, Dnssec::bogus, Dnssec::unknown}) {
    see_for_long({own});
    looks.front().dnssec = dnssec;
    looks.front().why = "not secure";
    const Objections against = deploy(1000);
    REQUIRE(against.size() == 1);
    CHECK(against.front().kind == Kind::silent);
    CHECK(against.front().dnssec == dnssec);
  }
}

TEST_CASE_METHOD(Asked, "Where no server could be asked nothing is known, and one that is left out forbids nothing") {
  see(LookBuilder(at(0)).server("ns1.example.com", {own}).left_out("ns2.example.com").done());
  CHECK(all_answered(seen(0), test_owner()).empty());
  see(LookBuilder(at(0)).left_out("ns1.example.com").done());
  CHECK_FALSE(all_answered(seen(0), test_owner()).empty());
}

TEST_CASE_METHOD(Asked, "What the resolver has in its cache counts while it has it") {
  see_for_long({own});
  see(LookBuilder(at(2000)).server("ns1.example.com", {own}).resolver_has({record_of('a')}).done());
  const Objections against = deploy(2000);
  REQUIRE(against.size() == 1);
  CHECK(against.front().held->by == By::resolver);
  see(2001, {own});
  CHECK(deploy(2001).empty());
}

TEST_CASE_METHOD(Asked, "No chain passes what a server gave before it was heard") {
  see(0, {own});
  CHECK_FALSE(deploy(119).empty());
  CHECK(deploy(120).empty());
  see(LookBuilder(at(2000)).server("ns1.example.com", {own}).server("ns3.example.com", {own}).done());
  CHECK_FALSE(deploy(2000).empty());
  caches = Caches::left_out_by_a_person;
  CHECK(deploy(2000).empty());
}

TEST_CASE_METHOD(Asked, "What was asked for counts until it is done or can no longer be") {
  see_for_long({own, record_of('a')});
  ledgers[test_owner()] = with_asked(ledgers[test_owner()], {record_of('a')}, Seconds{60}, {{own, record_of('a')}});
  CHECK(any_of_kind(deploy(5000), Kind::fails));
  caches = Caches::left_out_by_a_person;
  CHECK(any_of_kind(deploy(5000), Kind::fails));
}

TEST_CASE_METHOD(Asked, "Every owner of the lineage counts") {
  see_for_long({own});
  const DnsName other = name("_465._tcp.mx.example.com");
  rule.owners.push_back(other);
  CHECK(any_of_kind(deploy(1000), Kind::not_asked));
  SeenAt look = LookBuilder(at(1000)).server("ns1.example.com", {record_of('a')}).done();
  look.owner = other;
  look.chain = {other};
  look.answers.front().qname = other;
  ledgers[other] = after_look(Ledger{.name = other}, look);
  looks.push_back(look);
  const Objections against = deploy(2000);
  REQUIRE_FALSE(against.empty());
  for (const Objection& one : against) CHECK(one.owner == other);
}

TEST_CASE_METHOD(Asked, "A clock set forward makes nothing ready: the clock since boot did not move") {
  see_for_long({record_of('a')});
  see(2000, {own});
  Instant forward = at(2010);
  forward.wall += std::chrono::hours(24);
  const Seen then{ledgers, looks, forward};
  CHECK_FALSE(may_deploy(then, rule, {"the chain", KnownChain{shared(chain)}}, at(2010).wall).empty());
}
