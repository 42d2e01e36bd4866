#include "core/rollover/settle.hpp"

#include "fakes/looks.hpp"
#include "fakes/test_chain.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace danectl;

namespace {

using Seen = PresentedGeneration::Seen;
using Names = KnownKey::Names;
using Deployed = KnownKey::Deployed;

KeyId key(char digit) {
  return {std::string(64, digit), std::string(128, digit), KeyType::ecdsa_p256};
}

// The certificate of a key, and that of an issuer where one is named.
Chain chain(char digit, double not_before = 0, char issuer = 0) {
  Certificate leaf;
  leaf.key = key(digit);
  leaf.fingerprint = std::string(1, digit);
  leaf.not_before = at(not_before).wall;
  leaf.not_after = leaf.not_before + std::chrono::hours(2160);
  Chain made{{leaf}};
  if (issuer != 0) {
    Certificate ca;
    ca.key = key(issuer);
    made.certificates.push_back(ca);
  }
  return made;
}

// Generation 1, of key a, is deployed; key b is next.
struct Settling {
  Settling() {
    lineage.name = "mx.example.com";
    lineage.tlsa = {test_owner()};
    facts.state.name = lineage.name;
    facts.next = NextFact{key('b'), std::nullopt};
    deploy(1, chain('a'), 0);
  }
  void deploy(unsigned number, const Chain& of, double when) {
    if (facts.deployed) facts.presented.push_back(*facts.deployed);
    facts.deployed = DeployedFact{number, of};
    facts.generations.push_back(number);
    // As Roll notes it before it switches the link.
    if (facts.state.current) facts.state.presented.push_back({number});
    settle(when);
  }
  void settle(double when) {
    facts.state = settled(facts, lineage, at(when));
    // As the next observation finds them.
    std::erase_if(facts.candidates, [&](const CandidateFact& fact) {
      return std::none_of(state.candidates.begin(), state.candidates.end(),
                          [&](const CandidateKey& one) { return one.keys() == fact.keys; });
    });
    facts.state = settled(facts, lineage, at(when));
  }

  const KnownKey* known(char digit, Names names = Names::server) const {
    const auto found = std::find_if(state.known.begin(), state.known.end(),
                                    [&](const KnownKey& one) { return one.key == key(digit) && one.names == names; });
    return found == state.known.end() ? nullptr : &*found;
  }
  [[nodiscard]] std::vector<unsigned> presented() const {
    std::vector<unsigned> numbers;
    for (const PresentedGeneration& one : state.presented) numbers.push_back(one.number);
    return numbers;
  }
  void add_candidates(const std::string& digits) {
    for (const char digit : digits) {
      const Chain of = chain(digit, 10.0 * (digit - 'a'));
      facts.state.candidates.push_back(
          {key(digit), of.leaf().fingerprint, of.leaf().not_before, of.leaf().not_after, at(1)});
      facts.candidates.push_back({{key(digit), std::nullopt}, ChainFact{of, std::nullopt, false}, {}});
    }
  }

  LineageConfig lineage;
  Facts facts;
  const State& state = facts.state;
};

}  // namespace

TEST_CASE_METHOD(Settling, "A state that is settled stays as it is") {
  const State before = state;
  settle(1000);
  CHECK(state == before);
  CHECK(state.current->key == key('a'));
  CHECK(state.next->key == key('b'));
}

TEST_CASE_METHOD(Settling, "At enrolment nothing is pending: no server reads live/NAME yet") {
  CHECK(state.pending == Pending{});
  CHECK(presented() == std::vector<unsigned>{1});
}

TEST_CASE_METHOD(Settling, "What is served after a cut becomes current, with reload, hooks and the next key pending") {
  facts.next.reset();
  deploy(2, chain('b'), 5);
  CHECK(state.current->key == key('b'));
  CHECK(state.current->since == at(5));
  CHECK_FALSE(state.next);
  CHECK(was_current(state, key('a')));
  CHECK(state.pending.reload_since == at(5));
  CHECK(state.pending.certbot_hooks_since == at(5));
  CHECK(state.pending.stage_since == at(5));
  CHECK(presented() == std::vector<unsigned>{1, 2});
}

TEST_CASE_METHOD(Settling, "A renewal with the same key is reloaded, and changes neither its age nor its records") {
  Chain renewed = chain('a', 100);
  renewed.certificates.front().fingerprint = "renewed";
  deploy(2, renewed, 100);
  CHECK(state.current->since == at(0));
  CHECK(state.pending.reload_since == at(100));
  CHECK_FALSE(state.pending.certbot_hooks_since);
  CHECK_FALSE(known('a')->unwanted_since);
}

TEST_CASE_METHOD(Settling, "A note of a generation that was never live goes, and with it nothing else") {
  facts.state.presented.push_back({2});
  settle(5);
  CHECK(presented() == std::vector<unsigned>{1});
  facts.state.presented.push_back({2});
  facts.generations.push_back(2);  // written, and the link not switched
  settle(6);
  CHECK(presented() == std::vector<unsigned>{1});
}

TEST_CASE_METHOD(Settling, "A reload command that is set later has to run before a chain of before counts as gone") {
  lineage.reload.clear();
  deploy(2, chain('b'), 5);
  facts.state = with_reloaded(state, {at(6)}, PresentedGeneration::ReloadedBy::nothing);
  settle(7);
  CHECK(state.presented.front().reloaded_at->at == at(6));
  CHECK_FALSE(state.pending.reload_since);
  lineage.reload = {{"reload"}};
  settle(8);
  CHECK_FALSE(state.presented.front().reloaded_at);
  CHECK(state.pending.reload_since == at(8));
  facts.state = with_reloaded(state, {at(9)}, PresentedGeneration::ReloadedBy::command);
  settle(10);
  CHECK(state.presented.front().reloaded_at->at == at(9));
  CHECK_FALSE(state.pending.reload_since);
}

TEST_CASE_METHOD(Settling, "A person's word needs no reload command that is set later") {
  lineage.reload.clear();
  deploy(2, chain('b'), 5);
  facts.state =
      with_word(with_reloaded(state, {at(6)}, PresentedGeneration::ReloadedBy::nothing), RetireRule::by_a_person);
  lineage.reload = {{"reload"}};
  settle(8);
  CHECK(state.presented.front().reloaded_at->at == at(6));
}

TEST_CASE_METHOD(Settling, "A generation that comes back by a rollback is the deployed one, whatever was said of it") {
  deploy(2, chain('b'), 5);
  facts.state = with_reloaded(state, {at(6)}, PresentedGeneration::ReloadedBy::command);
  REQUIRE(state.presented.front().reloaded_at->at == at(6));
  facts.deployed = DeployedFact{1, chain('a')};
  settle(7);
  CHECK(state.presented.front() == PresentedGeneration{1, Seen::live});
  CHECK(state.pending.reload_since == at(7));
}

TEST_CASE_METHOD(Settling,
                 "A state older than the files takes every generation on disk for presented, and a reload for due") {
  facts.generations = {1, 2, 3};
  facts.deployed = DeployedFact{3, chain('c')};
  facts.next.reset();
  CHECK(state_is_older(facts));
  settle(5);
  CHECK(presented() == std::vector<unsigned>{1, 2, 3});
  for (const PresentedGeneration& one : state.presented) CHECK(one.seen == Seen::live);
  CHECK(state.pending.reload_since == at(5));
  CHECK_FALSE(state_is_older(facts));
}

TEST_CASE_METHOD(Settling, "What left the disk is presented no more, for nobody could go back to it") {
  deploy(2, chain('b'), 5);
  facts.generations = {2};
  settle(6);
  CHECK(presented() == std::vector<unsigned>{2});
}

TEST_CASE_METHOD(Settling, "A key is known for good, and unwanted since its last chain was replaced or dropped") {
  CHECK_FALSE(known('a')->unwanted_since);
  CHECK(known('b')->deployed == Deployed::never);
  facts.next.reset();
  settle(3);  // discarded
  CHECK(known('b')->unwanted_since == at(3));
  CHECK(known('b')->deployed == Deployed::never);
  deploy(2, chain('c'), 5);
  CHECK(known('a')->unwanted_since == at(5));
  CHECK(known('a')->deployed == Deployed::once);
  settle(9);
  CHECK(known('a')->unwanted_since == at(5));
}

TEST_CASE_METHOD(Settling, "What is wanted again is not unwanted any more") {
  facts.next.reset();
  settle(3);
  facts.next = NextFact{key('b'), std::nullopt};
  settle(4);
  CHECK_FALSE(known('b')->unwanted_since);
}

TEST_CASE_METHOD(Settling, "Every issuer of a chain is known, whatever the profile names now") {
  facts.next.reset();
  deploy(2, chain('c', 0, 'e'), 5);
  REQUIRE(known('e', Names::issuer) != nullptr);
  CHECK(known('e', Names::issuer)->unwanted_since == at(5));
  lineage.profile = {{3, 1, 1}, {2, 1, 1}};
  settle(6);
  CHECK(state.current->anchor == key('e'));
  CHECK_FALSE(known('e', Names::issuer)->unwanted_since);
}

TEST_CASE_METHOD(Settling, "After a backup the generations on disk tell which keys were deployed") {
  facts.presented = {{2, chain('c')}};
  settle(5);
  CHECK(known('c')->deployed == Deployed::once);
  CHECK(was_current(state, key('c')));
}

TEST_CASE_METHOD(Settling, "Promoting the next key drops all candidates, deploying one the older ones alone") {
  add_candidates("cde");
  settle(2);
  const Facts waiting = facts;
  deploy(2, chain('b', 25), 40);
  CHECK(state.candidates.empty());

  Settling other;
  other.facts = waiting;
  other.deploy(2, chain('d', 30), 40);
  REQUIRE(other.state.candidates.size() == 1);
  CHECK(other.state.candidates.front().key == key('e'));
  CHECK(other.known('c')->unwanted_since == at(40));
}

TEST_CASE_METHOD(Settling, "What the deploy hook met is forgotten once another chain is deployed") {
  facts.state.hook_error = "the state is locked";
  settle(1);
  CHECK_FALSE(state.hook_error.empty());
  deploy(2, chain('c'), 5);
  CHECK(state.hook_error.empty());
}

TEST_CASE_METHOD(Settling,
                 "Refusals of the CA count for the key that was asked for, until a good certificate is there") {
  facts.state.ca_refusals = Refusals{3, at(1)};
  settle(2);
  CHECK(state.ca_refusals);
  facts.next->issued = ChainFact{chain('b'), std::nullopt, false};
  settle(3);
  CHECK(state.ca_refusals);  // it may not be deployed yet
  facts.next->way.stage = KeyStage::ready;
  settle(4);
  CHECK_FALSE(state.ca_refusals);
  facts.state.ca_refusals = Refusals{3, at(1)};
  facts.next = NextFact{key('c'), std::nullopt};
  settle(5);
  CHECK_FALSE(state.ca_refusals);
}
