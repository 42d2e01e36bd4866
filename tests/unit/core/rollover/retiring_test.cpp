#include "core/rollover/retiring.hpp"

#include "fakes/places.hpp"
#include "fakes/published_owner.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace danectl;

namespace {

using Verdict = RetiringFact::Verdict;

// The current key is deployed since second 100; that of generation 1 retires, and was reloaded away at second 110.
class Retiring {
 public:
  Retiring() {
    lineage.name = "mx";
    lineage.tlsa = {test_owner()};
    lineage.retire_after = Seconds{1000};
    lineage.reload = {{"reload-server"}};
    facts.deployed = DeployedFact{2, current};
    facts.presented = {{1, before}};
    facts.state.name = lineage.name;
    facts.state.current = CurrentKey{current.leaf().key, 2, {}, {}, at(100)};
    facts.state.presented = {{1, PresentedGeneration::Seen::live, at(110)}, {2, PresentedGeneration::Seen::live}};
    facts.state.presented.front().reloaded_by = PresentedGeneration::ReloadedBy::command;
    facts.state.known = {{before.leaf().key, KnownKey::Names::server, KnownKey::Deployed::once, at(100)}};
    see({own, old});
  }
  void see(const RRset& records) { look = LookBuilder(at(0)).server("ns1.example.com", records).done(); }
  std::vector<RetiringFact> all(double now) {
    Place place = place_at(look, {lineage_on(facts, lineage, {"mx.example.com"}, at(now))});
    for (const LineageOn& one : others) place.lineages.push_back(one);
    place.unanswered = unanswered;
    return retiring_at(place, next_change(place, rule), rule);
  }
  RetiringFact judge(double now) {
    const std::vector<RetiringFact> found = all(now);
    REQUIRE(found.size() == 1);
    return found.front();
  }

  LineageConfig lineage;
  Facts facts;
  std::vector<LineageOn> others;
  Objections unanswered;
  ChangeRule rule;
  Chain current = new_chain();
  Chain before = new_chain();
  Association own = spki(current);
  Association old = spki(before);
  SeenAt look = LookBuilder(at(0)).done();
};

}  // namespace

TEST_CASE_METHOD(Retiring, "A record retires when retire_after has passed since the reload, not since the switch") {
  CHECK(judge(1109).verdict == Verdict::held);
  CHECK(judge(1109).when == at(1110).wall);
  CHECK(judge(1109).since == at(100));
  CHECK(judge(1110).verdict == Verdict::ask_servers);
  const Shown nobody;
  rule.shown = &nobody;
  CHECK(judge(1110).verdict == Verdict::due);
}

TEST_CASE_METHOD(Retiring, "A pending reload holds it, and time does not mend that") {
  facts.state.presented.front().reloaded_at.reset();
  facts.state.pending.reload_since = at(100);
  CHECK(judge(50'000).verdict == Verdict::held);
  CHECK_FALSE(judge(50'000).when);
  CHECK(judge(50'000).why.find("a reload is pending") != std::string::npos);
}

TEST_CASE_METHOD(Retiring,
                 "Without reload and probe a person's word is needed besides, and does not shorten the time") {
  lineage.reload.clear();
  facts.state.presented.front().reloaded_by = PresentedGeneration::ReloadedBy::nothing;
  CHECK(judge(5000).verdict == Verdict::held);
  CHECK(judge(5000).why.find("danectl retire mx") != std::string::npos);
  facts.state.presented.front().word = PresentedGeneration::Word::given;
  CHECK(judge(1109).when == at(1110).wall);
  CHECK(judge(5000).verdict == Verdict::ask_servers);
  facts.state.presented.front().word = PresentedGeneration::Word::missing;
  lineage.probe = {ProbeUrl::parse("smtp://mx.example.com:25").value()};
  CHECK(judge(5000).verdict == Verdict::ask_servers);
}

TEST_CASE_METHOD(Retiring, "A key that was never deployed may go at once, whatever servers have loaded") {
  const KeyId discarded = new_chain().leaf().key;
  facts.state.known = {{discarded, KnownKey::Names::server, KnownKey::Deployed::never, at(100)}};
  facts.state.pending.reload_since = at(100);
  see({own, spki(discarded)});
  CHECK(judge(101).verdict == Verdict::ask_servers);
}

TEST_CASE_METHOD(Retiring, "It stays while the current key has no record beside it") {
  see({old});
  const std::vector<RetiringFact> found = all(5000);
  REQUIRE(found.size() == 1);
  CHECK(found.front().verdict == Verdict::held);
  CHECK(found.front().why.find("of a deployed chain is missing") != std::string::npos);
}

TEST_CASE_METHOD(Retiring, "A server that gave no answer holds it, and is named") {
  unanswered = {
      {.kind = Objection::Kind::silent, .owner = test_owner(), .server = "ns1", .why = "no answer within 5 s"}};
  CHECK(judge(5000).verdict == Verdict::held);
  CHECK(judge(5000).why == "ns1: no answer within 5 s");
  CHECK_FALSE(judge(5000).when);
}

TEST_CASE_METHOD(Retiring, "It stays while another lineage on the name presents a chain that needs it") {
  LineageOn other;
  other.name = "other";
  other.presented = {{"the chain of other", KnownChain{shared(before)}, {"mx.example.com"}, senders_of({{3, 1, 1}})}};
  others = {other};
  CHECK(judge(5000).verdict == Verdict::held);
  CHECK(judge(5000).why == "the chain of other needs it");
}

TEST_CASE_METHOD(Retiring, "What another lineage wants does not retire") {
  LineageOn other;
  other.wanted = {{old, RecordRole::next}};
  others = {other};
  CHECK(all(5000).empty());
}

TEST_CASE_METHOD(Retiring, "A record that two lineages retire does so since the later of them dropped it") {
  LineageOn other;
  other.known = {{old, at(700)}};
  others = {other};
  CHECK(judge(5000).since == at(700));
}

TEST_CASE_METHOD(Retiring, "While servers do not give the same nothing goes") {
  look = LookBuilder(at(0)).server("ns1.example.com", {own, old}).server("ns2.example.com", {own}).done();
  CHECK(judge(5000).verdict == Verdict::held);
  CHECK(judge(5000).why.find("do not give the same records") != std::string::npos);
}

TEST_CASE_METHOD(Retiring, "What danectl has deleted is waited for while a server still gives it") {
  Place place = place_at(look, {lineage_on(facts, lineage, {"mx.example.com"}, at(5000))});
  RRset both{own, old};
  std::sort(both.begin(), both.end());
  place.ledger = with_asked(place.ledger, {own}, Seconds{60}, {both});
  CHECK(is_going(place.ledger, old));
  CHECK_FALSE(is_going(place.ledger, own));
  CHECK(retiring_at(place, next_change(place, rule), rule).front().verdict == Verdict::going);
  CHECK_FALSE(is_going(with_asked(place_at(look, {}).ledger, both, Seconds{60}, {{own}}), old));
}

TEST_CASE_METHOD(Retiring, "The record of an issuer that only a person lets go is told so") {
  const KeyId issuer = before.certificates[1].key;
  facts.state.known = {{issuer, KnownKey::Names::issuer, KnownKey::Deployed::once, at(100)}};
  see({own, association_of(issuer, {2, 1, 1})});
  CHECK(judge(5000).verdict == Verdict::held);
  CHECK(judge(5000).why.find("only a person may delete it") != std::string::npos);
  rule.issuers = ChangeRule::Issuers::may_go;
  CHECK(judge(5000).verdict == Verdict::ask_servers);
}

TEST_CASE_METHOD(Retiring, "An old digest goes key by key while the current key's own is there") {
  see({own, spki(current, "3 1 2"), spki(before, "3 1 2")});
  facts.state.known.push_back({current.leaf().key, KnownKey::Names::server, KnownKey::Deployed::once, std::nullopt});
  rule.method = ChangeRule::Method::one_at_a_time;
  const std::vector<RetiringFact> found = all(5000);
  REQUIRE(found.size() == 2);
  const auto of = [&](const Chain& chain) {
    return std::find_if(found.begin(), found.end(),
                        [&](const RetiringFact& one) { return one.record == spki(chain, "3 1 2"); });
  };
  CHECK(of(before)->verdict == Verdict::ask_servers);
  CHECK(of(current)->verdict == Verdict::held);
  CHECK(of(current)->why.find("needs it") != std::string::npos);
}

TEST_CASE_METHOD(Retiring, "Names count where the issuer is named: what passes by the key's record alone keeps that") {
  lineage.profile = {{2, 1, 1}};
  see({anchor(current), own});
  facts.state.known.push_back({current.leaf().key, KnownKey::Names::server, KnownKey::Deployed::once, at(100)});
  CHECK(judge(5000).verdict == Verdict::ask_servers);
  const TestCa ca;
  const Chain misnamed = parse_chain(ca.issue({"www.example.com"}, test_key(), at(0).wall, at(0).wall + a_day)).value();
  facts.deployed = DeployedFact{2, misnamed};
  see({anchor(misnamed), spki(misnamed)});
  facts.state.known = {{misnamed.leaf().key, KnownKey::Names::server, KnownKey::Deployed::once, at(100)}};
  CHECK(judge(5000).verdict == Verdict::held);
}
