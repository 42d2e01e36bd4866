#include "core/rollover/retirement.hpp"

#include "fakes/looks.hpp"
#include "fakes/test_ca.hpp"
#include "fakes/test_lineage.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

KeyId key(char digit) {
  return {std::string(64, digit), std::string(128, digit), KeyType::ecdsa_p256};
}

Certificate leaf_with(char digit) {
  Certificate leaf;
  leaf.key = key(digit);
  return leaf;
}

// Key b is current and long visible, key a retires since second 100 and was reloaded away at second 110.
struct Retiring {
  Retiring() {
    lineage.name = "mx.example.com";
    lineage.tlsa = {test_owner()};
    lineage.retire_after = Seconds{1000};
    lineage.reload = {{"reload-server"}};
    state.name = lineage.name;
    state.current = CurrentKey{key('b'), 2, "two", at(90'000).wall, at(100)};
    state.retiring = {{test_owner(), record_of('a'), at(100), Served::perhaps, at(110), key('a')}};
    see({record_of('a'), record_of('b')}, 0);
  }
  void see(const RRset& records, double when) {
    looks = {LookBuilder(at(when)).server("ns1.example.com", records).done()};
    state = with_looks(state, looks);
  }
  Retirement judge(double now, RetireRule rule = RetireRule::unattended, const Presented* presented = nullptr) {
    looks.front().started = looks.front().ended = at(now);
    std::vector<LineageWants> sharing{{lineage, state}};
    if (other) sharing.push_back({*other, other_state});
    return retirements({lineage, state, sharing, looks, rule, presented, at(now)}).front();
  }
  Retirement::Verdict verdict(double now, RetireRule rule = RetireRule::unattended,
                              const Presented* presented = nullptr) {
    return judge(now, rule, presented).verdict;
  }

  LineageConfig lineage;
  State state;
  std::vector<OwnerLook> looks;
  std::optional<LineageConfig> other;
  State other_state;
};

using Verdict = Retirement::Verdict;

}  // namespace

TEST_CASE("A record retires when retire_after has passed since the reload, not since the switch") {
  Retiring world;
  CHECK(world.verdict(1109) == Verdict::waiting);
  CHECK(world.judge(1105).when == at(1110).wall);
  CHECK(world.verdict(1110) == Verdict::due);
}

TEST_CASE("A pending reload holds it, also for a person in a hurry") {
  Retiring world;
  world.state.pending.reload_since = at(100);
  CHECK(world.verdict(5000) == Verdict::held);
  CHECK(world.verdict(5000, RetireRule::now_by_a_person) == Verdict::held);
}

TEST_CASE("--now skips retire_after and nothing else") {
  Retiring world;
  CHECK(world.verdict(200, RetireRule::now_by_a_person) == Verdict::due);
  world.see({record_of('a')}, 150);
  CHECK(world.verdict(200, RetireRule::now_by_a_person) == Verdict::held);
}

TEST_CASE("What a person let go needs no more time, but a reload and a ready current record") {
  Retiring world;
  world.state.retiring.front().decided = true;
  CHECK(world.verdict(200) == Verdict::due);
  world.lineage.reload.clear();
  CHECK(world.verdict(200) == Verdict::due);
  world.state.pending.reload_since = at(150);
  CHECK(world.verdict(200) == Verdict::held);
  world.state.pending.reload_since.reset();
  world.see({record_of('a')}, 150);
  CHECK(world.verdict(200) == Verdict::held);
}

TEST_CASE("What is deleted is waited for while a server still has it, and deleted again where all have") {
  Retiring world;
  world.state = with_withdrawn(world.state, test_owner(), {record_of('a')});
  CHECK(world.verdict(1200) == Verdict::due);
  world.looks = {LookBuilder(at(1200))
                     .server("ns1.example.com", {record_of('b')})
                     .server("ns2.example.com", {record_of('a'), record_of('b')})
                     .done()};
  CHECK(world.verdict(1200) == Verdict::going);
}

TEST_CASE("It stays while the record of the current key is not ready everywhere") {
  Retiring world;
  world.looks = {LookBuilder(at(5000))
                     .server("ns1.example.com", {record_of('a'), record_of('b')})
                     .silent("ns2.example.com")
                     .done()};
  CHECK(world.verdict(5000) == Verdict::held);
  Retiring fresh;
  fresh.see({record_of('a')}, 1200);
  fresh.see({record_of('a'), record_of('b')}, 1210);
  CHECK(fresh.verdict(1215) == Verdict::held);
  CHECK(fresh.verdict(1210 + 120) == Verdict::due);
}

TEST_CASE("It stays while another lineage of the owner has no ready record") {
  Retiring world;
  world.other = world.lineage;
  world.other->name = "rsa.example.com";
  world.other_state.current = CurrentKey{key('c'), 1, "c", at(90'000).wall, at(0)};
  CHECK(world.verdict(5000) == Verdict::held);
  CHECK(world.judge(5000).why.find("rsa.example.com") != std::string::npos);
}

TEST_CASE("What another lineage wants is no longer this one's to retire") {
  Retiring world;
  world.other = world.lineage;
  world.other->name = "same-key.example.com";
  world.other_state.current = CurrentKey{key('a'), 1, "a", at(90'000).wall, at(0)};
  CHECK(world.verdict(5000) == Verdict::gone);
  // Were it forgotten now, that lineage could discard the key as never deployed.
  world.other_state.current = CurrentKey{key('b'), 1, "b", at(90'000).wall, at(0)};
  world.other_state.next = NextKey{key('a'), at(100)};
  CHECK(world.verdict(5000) == Verdict::waiting);
}

TEST_CASE("A record that another lineage of the owner is retiring waits for that one's servers, too") {
  Retiring world;
  world.other = world.lineage;
  world.other->name = "rsa.example.com";
  world.other->retire_after = Seconds{9000};
  world.other_state = world.state;
  world.other_state.name = world.other->name;
  CHECK(world.verdict(5000) == Verdict::waiting);
  CHECK(world.judge(5000).why == "servers may still present its key (retire_after of rsa.example.com 2 h 30 min)");
  CHECK(world.verdict(5000, RetireRule::now_by_a_person) == Verdict::due);
  world.state.retiring.front().served = Served::never;
  CHECK(world.verdict(5000) == Verdict::waiting);
  world.other_state.pending.reload_since = at(100);
  CHECK(world.verdict(20'000) == Verdict::held);
  world.other_state.pending.reload_since.reset();
  CHECK(world.verdict(20'000) == Verdict::due);
  world.other->probe = {ProbeUrl::parse("smtp://mx.example.com:25").value()};
  CHECK(world.verdict(20'000) == Verdict::ask_servers);
}

TEST_CASE("Without reload and probe only a person deletes") {
  Retiring world;
  world.lineage.reload.clear();
  CHECK(world.verdict(5000) == Verdict::waiting);
  CHECK(world.verdict(5000, RetireRule::by_a_person) == Verdict::due);
  CHECK(world.verdict(500, RetireRule::by_a_person) == Verdict::waiting);
}

TEST_CASE("A key that was never deployed may go at once, whatever servers say") {
  Retiring world;
  world.state.retiring.front().served = Served::never;
  world.state.pending.reload_since = at(100);
  world.lineage.probe = {ProbeUrl::parse("smtp://mx.example.com:25").value()};
  CHECK(world.verdict(200) == Verdict::due);
}

TEST_CASE("What no server has any more is forgotten, but not while a server may still present it") {
  Retiring world;
  world.see({record_of('b')}, 150);
  CHECK(world.verdict(200) == Verdict::waiting);
  CHECK(world.verdict(5000) == Verdict::gone);
  world.looks = {no_answer(at(5000))};
  CHECK(world.verdict(5000) == Verdict::held);
}

TEST_CASE("Servers are asked last; one that presents the key or gives no answer holds it") {
  Retiring world;
  world.lineage.probe = {ProbeUrl::parse("smtp://mx.example.com:25").value()};
  CHECK(world.verdict(5000) == Verdict::ask_servers);
  const Chain chain = new_material().chain;
  world.state.retiring.front().association = association_of(chain.leaf().key, world.lineage.profile.front());
  world.see({world.state.retiring.front().association, record_of('b')}, 4000);
  const Presented old_key{{chain}, {}};
  const Presented silent{{}, {"smtp://mx.example.com:25 (192.0.2.25): connection refused"}};
  const Presented new_key{{Chain{{leaf_with('b')}}}, {}};
  CHECK(world.verdict(5000, RetireRule::by_a_person, &old_key) == Verdict::held);
  CHECK(world.verdict(5000, RetireRule::by_a_person, &silent) == Verdict::held);
  CHECK(world.verdict(5000, RetireRule::by_a_person, &new_key) == Verdict::due);
}

TEST_CASE("A foreign record may go, a current or a retiring one is not foreign") {
  Retiring world;
  const auto judge = [&](const Association& association) {
    const std::vector<LineageWants> sharing{{world.lineage, world.state}};
    return foreign_retirement(
               {world.lineage, world.state, sharing, world.looks, RetireRule::by_a_person, nullptr, at(500)},
               test_owner(), association)
        .verdict;
  };
  world.see({record_of('a'), record_of('b'), record_of('f')}, 400);
  CHECK(judge(record_of('f')) == Verdict::due);
  CHECK(judge(record_of('b')) == Verdict::held);
  CHECK(judge(record_of('a')) == Verdict::held);
}

TEST_CASE("A foreign record that hides the current key's may go: what counts is what remains") {
  Retiring world;
  const Association hiding = record("3 1 2 " + std::string(128, 'f'));
  world.see({record_of('b'), hiding}, 400);
  const std::vector<LineageWants> sharing{{world.lineage, world.state}};
  const RetirementInput input{world.lineage,           world.state, sharing, world.looks,
                              RetireRule::by_a_person, nullptr,     at(500)};
  CHECK(foreign_retirement(input, test_owner(), hiding).verdict == Verdict::due);
}

TEST_CASE("Beside the issuer's record alone another stays while names or dates keep the chain from passing") {
  Retiring world;
  const TestCa ca;
  const std::string pem = test_key();
  const WallTime begin = at(0).wall - std::chrono::hours(1);
  const auto chain_for = [&](const char* name) {
    return parse_chain(ca.issue({name}, pem, begin, begin + std::chrono::hours(24))).value();
  };
  const Chain good = chain_for("mx.example.com");
  const Chain misnamed = chain_for("www.example.com");
  world.lineage.profile = {{2, 1, 1}};
  world.state.current = CurrentKey{good.leaf().key, 2, "two", at(90'000).wall, at(100), good.certificates[1].key};
  world.see({record_of('a'), association_of(good.certificates[1].key, {2, 1, 1})}, 0);
  const auto verdict = [&](const Chain& deployed, double now) {
    world.looks.front().started = world.looks.front().ended = at(now);
    const std::vector<LineageWants> sharing{{world.lineage, world.state, &deployed}};
    return retirements({world.lineage, world.state, sharing, world.looks, RetireRule::by_a_person, nullptr, at(now)})
        .front()
        .verdict;
  };
  CHECK(verdict(good, 5000) == Verdict::due);
  CHECK(verdict(misnamed, 5000) == Verdict::held);
  CHECK(verdict(good, 24 * 3600) == Verdict::held);  // it has ended by then
}

TEST_CASE("A server with the issuer's chain for another name, or that has ended, holds the record of its key") {
  Retiring world;
  const TestCa ca;
  const WallTime begin = at(0).wall - std::chrono::hours(1);
  const auto chain_for = [&](const char* name, std::chrono::hours life = std::chrono::hours(24)) {
    return parse_chain(ca.issue({name}, test_key(), begin, begin + life)).value();
  };
  const Chain deployed = chain_for("mx.example.com");
  const KeyId issuer = deployed.certificates[1].key;
  const auto verdict = [&](const Chain& presented) {
    const KeyId& old = presented.leaf().key;
    world.state.retiring = {{test_owner(), association_of(old, {3, 1, 1}), at(100), Served::perhaps, at(110), old}};
    const RRset records{association_of(issuer, {2, 1, 1}), world.state.retiring.front().association, record_of('b')};
    world.see(records, 0);
    world.other_state = with_looks(world.other_state, world.looks);
    world.looks.front().started = world.looks.front().ended = at(5000);
    std::vector<LineageWants> sharing{{world.lineage, world.state}};
    if (world.other) sharing.push_back({*world.other, world.other_state, &deployed});
    const Presented servers{{presented}, {}};
    return retirements({world.lineage, world.state, sharing, world.looks, RetireRule::unattended, &servers, at(5000)})
        .front()
        .verdict;
  };
  const auto only_the_one_that_passes = [&] {
    CHECK(verdict(chain_for("mx.example.com")) == Verdict::due);
    CHECK(verdict(chain_for("www.example.com")) == Verdict::held);
    CHECK(verdict(chain_for("mx.example.com", std::chrono::hours(2))) == Verdict::held);  // ends at second 3600
  };
  world.lineage.probe = {ProbeUrl::parse("smtp://mx.example.com:25").value()};
  // Of another lineage.
  world.other = world.lineage;
  world.other->name = "issuers.example.com";
  world.other->profile = {{2, 1, 1}};
  world.other_state.name = world.other->name;
  world.other_state.current = CurrentKey{deployed.leaf().key, 2, "two", at(90'000).wall, at(100), issuer};
  only_the_one_that_passes();
  // Of this one, after a change of the profile.
  world.other.reset();
  world.lineage.profile = {{2, 1, 1}};
  world.state.current = world.other_state.current;
  only_the_one_that_passes();
}

TEST_CASE("A digest that the profile no longer has may go key by key, while the current key's own is there") {
  Retiring world;
  const auto sha512 = [](char digit) { return record("3 1 2 " + std::string(128, digit)); };
  const auto foreign = [&](const Association& record) {
    const std::vector<LineageWants> sharing{{world.lineage, world.state}};
    const RetirementInput input{world.lineage,           world.state, sharing, world.looks,
                                RetireRule::by_a_person, nullptr,     at(1000)};
    return foreign_retirement(input, test_owner(), record).verdict;
  };
  world.see({record_of('b'), sha512('b'), sha512('f')}, 400);
  world.see({record_of('b'), sha512('b'), sha512('f')}, 1000);
  CHECK(foreign(sha512('f')) == Verdict::due);
  CHECK(foreign(sha512('b')) == Verdict::held);
  world.see({record_of('b'), sha512('b')}, 1000);
  CHECK(foreign(sha512('b')) == Verdict::due);
}

TEST_CASE("Without reload and probe no record of a key is forgotten while a server has another of it") {
  Retiring world;
  world.lineage.reload.clear();
  world.state.retiring.push_back(
      {test_owner(), record("3 1 2 " + std::string(128, 'a')), at(100), Served::perhaps, at(110), key('a')});
  const auto verdicts = [&] {
    const std::vector<LineageWants> sharing{{world.lineage, world.state}};
    std::vector<Verdict> all;
    for (const Retirement& one :
         retirements({world.lineage, world.state, sharing, world.looks, RetireRule::unattended, nullptr, at(5000)}))
      all.push_back(one.verdict);
    return all;
  };
  CHECK(verdicts() == std::vector<Verdict>{Verdict::waiting, Verdict::waiting});
  world.see({record_of('b')}, 4000);
  CHECK(verdicts() == std::vector<Verdict>{Verdict::gone, Verdict::gone});
}

TEST_CASE("Of a weaker digest that the profile does not have what others left may go") {
  Retiring world;
  const auto sha512 = [](char digit) { return record("3 1 2 " + std::string(128, digit)); };
  world.lineage.profile = {{3, 1, 2}};
  world.state.retiring.clear();
  world.see({record_of('a'), record_of('f'), sha512('b')}, 0);
  world.see({record_of('a'), record_of('f'), sha512('b')}, 1000);
  const std::vector<LineageWants> sharing{{world.lineage, world.state}};
  const RetirementInput input{world.lineage,           world.state, sharing, world.looks,
                              RetireRule::by_a_person, nullptr,     at(1000)};
  CHECK(foreign_retirement(input, test_owner(), record_of('a')).verdict == Verdict::due);
}

TEST_CASE("Under SHA-512 alone senders that do not know it hold what they go by, and nothing when they fail already") {
  const WallTime now = at(90'000).wall;
  const Chain chain = parse_chain(test_ca().issue({"mx.example.com"}, test_key(), now - std::chrono::hours(30),
                                                  now + std::chrono::hours(24)))
                          .value();
  const Association of_key = association_of(chain.leaf().key, {3, 1, 2});
  const Association of_issuer = association_of(chain.certificates[1].key, {2, 1, 1});
  const Association of_others = record("2 1 1 " + std::string(64, 'c'));
  Retiring world;
  world.lineage.profile = {{3, 1, 2}};
  world.state.current = CurrentKey{chain.leaf().key, 2, "two", now, at(100)};
  world.state.retiring = {{test_owner(), of_issuer, at(100), Served::perhaps, at(110), chain.certificates[1].key}};
  const auto judge = [&](const RRset& records) {
    world.see(records, 0);
    const std::vector<LineageWants> sharing{{world.lineage, world.state, &chain}};
    return retirements({world.lineage, world.state, sharing, world.looks, RetireRule::unattended, nullptr, at(90'000)})
        .front();
  };
  CHECK(judge({of_key, of_issuer}).verdict == Verdict::due);
  CHECK(judge({of_key, of_issuer, of_others}).verdict == Verdict::held);
  world.state.retiring.front().association = of_others;
  CHECK(judge({of_key, of_issuer, of_others}).verdict == Verdict::due);
  const Association more = record("2 1 1 " + std::string(64, 'd'));
  CHECK(judge({of_key, of_others, more}).verdict == Verdict::due);
  // Each of two could go while the other stays.
  const Association in_sha256 = association_of(chain.leaf().key, {3, 1, 1});
  world.state.retiring.front().association = of_issuer;
  world.state.retiring.push_back(world.state.retiring.front());
  world.state.retiring.back().association = in_sha256;
  const RRset records{of_key, in_sha256, of_issuer, of_others};
  world.see(records, 0);
  const std::vector<LineageWants> sharing{{world.lineage, world.state, &chain}};
  const auto both =
      retirements({world.lineage, world.state, sharing, world.looks, RetireRule::unattended, nullptr, at(90'000)});
  CHECK(both.front().verdict == Verdict::due);
  CHECK(both.back().verdict == Verdict::held);
}
