#include "core/rollover/plan.hpp"

#include "core/rollover/settle.hpp"
#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

KeyId key(char digit) {
  return {std::string(64, digit), std::string(128, digit), KeyType::ecdsa_p256};
}

Chain chain(char digit, const std::string& fingerprint, double not_before = 0) {
  Certificate leaf;
  leaf.key = key(digit);
  leaf.fingerprint = fingerprint;
  leaf.not_before = at(not_before).wall;
  leaf.not_after = leaf.not_before + std::chrono::hours(2160);
  return {{leaf}};
}

LineageConfig lineage() {
  LineageConfig config;
  config.name = "mx.example.com";
  config.tlsa = {test_owner()};
  return config;
}

// Key a is served and certbot's; key b is next.
Facts steady() {
  Facts facts;
  facts.deployed = DeployedFact{1, chain('a', "one")};
  facts.certbot = CertbotFact{chain('a', "one"), true};
  facts.next = NextFact{key('b'), std::nullopt, {}};
  facts.state.name = "mx.example.com";
  facts.state = settled(facts, lineage(), at(0));
  return facts;
}

Facts with_gate(Facts facts, double looked, double now, const RRset& records) {
  const OwnerLook first = LookBuilder(at(looked)).server("ns1.example.com", records).done();
  const OwnerLook last = LookBuilder(at(now)).server("ns1.example.com", records).done();
  const OwnerLedger ledger = after_look(after_look({}, first), last);
  facts.next->gate = gate({ledger}, {last}, {record_of('b')}, Seconds{0}, HoldDown::required, last.started);
  return facts;
}

StepKind next_step(const Facts& facts, Goal goal = Goal::promote) {
  return plan({facts, lineage(), at(1000), goal}).kind;
}

}  // namespace

TEST_CASE("Without a deployed generation only a person can go on") {
  Facts facts = steady();
  facts.deployed.reset();
  CHECK(next_step(facts) == StepKind::person);
}

TEST_CASE("A state older than the files is settled before anything else") {
  Facts facts = steady();
  facts.deployed = DeployedFact{2, chain('b', "two")};
  CHECK(next_step(facts) == StepKind::settle);
}

TEST_CASE("A next key that was discarded was never served, unless the state missed generations") {
  Facts facts = steady();
  facts.next.reset();
  const State discarded = settled(facts, lineage(), at(5));
  REQUIRE(discarded.retiring.size() == 1);
  CHECK(discarded.retiring.front().served == Served::never);

  // A state put back from a backup, of before two promotions: b was deployed in between.
  facts.deployed = DeployedFact{3, chain('c', "three")};
  facts.state = with_looks(facts.state, {LookBuilder(at(1)).server("ns1.example.com", {record_of('b')}).done()});
  REQUIRE(visible_since(facts.state.ledgers.front(), record_of('b')));
  const State restored = settled(facts, lineage(), at(5));
  CHECK_FALSE(visible_since(restored.ledgers.front(), record_of('b')));
  REQUIRE(restored.retiring.size() == 2);
  for (const RetiringRecord& record : restored.retiring) CHECK(record.served == Served::perhaps);
}

TEST_CASE("What is served after a cut becomes current, and what was current retiring, with reload and hooks pending") {
  Facts facts = steady();
  facts.deployed = DeployedFact{2, chain('b', "two")};
  const State state = settled(facts, lineage(), at(5));
  CHECK(state.current->key == key('b'));
  CHECK_FALSE(state.next);
  REQUIRE(state.retiring.size() == 1);
  CHECK(state.retiring.front().association == record_of('a'));
  CHECK(was_current(state, key('a')));
  CHECK(state.pending.reload_since == at(5));
  CHECK(state.pending.certbot_hooks_since == at(5));
}

TEST_CASE("certbot's newer certificate for the same key is adopted, an older one is not") {
  Facts facts = steady();
  facts.certbot->chain = chain('a', "renewed", 10);
  CHECK(next_step(facts) == StepKind::adopt);
  facts.certbot->chain = chain('a', "restored", -10);
  CHECK(next_step(facts) != StepKind::adopt);
}

TEST_CASE("A key of before that certbot comes back with is replaced, never a candidate") {
  Facts facts = steady();
  facts.state.past_keys = {key('9').sha256};
  facts.certbot->chain = chain('9', "back again", 10);
  CHECK(next_step(facts) == StepKind::install);
}

TEST_CASE("A foreign key becomes a candidate, and is not deployed before its records are ready") {
  Facts facts = steady();
  facts.certbot->chain = chain('c', "foreign", 10);
  CHECK(next_step(facts) == StepKind::keep_candidate);
  facts.state.candidates = {{key('c'), "foreign", at(10).wall, at(9000).wall, at(11)}};
  facts.candidates = {CandidateFact{{key('c'), {}}, ChainFact{chain('c', "foreign", 10), std::nullopt, false}, {}}};
  CHECK(next_step(facts) == StepKind::wait);
}

TEST_CASE("A lineage that cannot be read is completed when an install was cut, and left alone otherwise") {
  Facts facts = steady();
  facts.certbot.reset();
  facts.certbot_trouble = "cert.pem and privkey.pem do not fit";
  CHECK(next_step(facts) != StepKind::install);
  facts.certbot_is_half_ours = true;
  CHECK(next_step(facts) == StepKind::install);
}

TEST_CASE("A lost reuse_key is restored before anything is rolled") {
  Facts facts = with_gate(steady(), 0, 500, {record_of('a'), record_of('b')});
  facts.certbot->reuse_key = false;
  CHECK(next_step(facts) == StepKind::restore_reuse_key);
}

TEST_CASE("A next key is published, waited for, issued and deployed, in this order") {
  CHECK(next_step(with_gate(steady(), 0, 500, {record_of('a')})) == StepKind::publish);
  CHECK(next_step(with_gate(steady(), 0, 100, {record_of('a'), record_of('b')})) == StepKind::wait);
  Facts ready = with_gate(steady(), 0, 120, {record_of('a'), record_of('b')});
  CHECK(next_step(ready) == StepKind::issue);
  ready.next->issued = ChainFact{chain('b', "two"), std::nullopt, false};
  CHECK(next_step(ready) == StepKind::deploy_next);
  CHECK(next_step(ready, Goal::run) == StepKind::nothing);
}

TEST_CASE("A kept chain that is due for renewal or refused is asked for again, not deployed") {
  Facts ready = with_gate(steady(), 0, 120, {record_of('a'), record_of('b')});
  ready.next->issued = ChainFact{chain('b', "two"), std::nullopt, true};
  CHECK(next_step(ready) == StepKind::issue);
  ready.next->issued = ChainFact{chain('b', "two"), failed("it has ended"), false};
  CHECK(next_step(ready) == StepKind::issue);
}

TEST_CASE("A reload that failed in this call does not keep the rest from being done") {
  Facts facts = steady();
  facts.state.pending.reload_since = at(1);
  CHECK(next_step(facts) == StepKind::run_hooks);
  facts.next.reset();
  facts.state.next.reset();
  const Step step = plan({facts, lineage(), at(1000), Goal::promote, {StepKind::run_hooks}});
  CHECK(step.kind == StepKind::stage);
}

TEST_CASE("Promoting the next key passes over candidates; deploying a candidate passes over older ones alone") {
  Facts facts = steady();
  facts.state.candidates = {{key('c'), "c", at(10).wall, at(9000).wall, at(11)},
                            {key('d'), "d", at(20).wall, at(9000).wall, at(21)},
                            {key('e'), "e", at(30).wall, at(9000).wall, at(31)}};
  Facts promoted = facts;
  promoted.deployed = DeployedFact{2, chain('b', "two", 25)};
  CHECK(settled(promoted, lineage(), at(40)).candidates.empty());
  Facts deployed = facts;
  deployed.deployed = DeployedFact{2, chain('d', "d", 20)};
  const State state = settled(deployed, lineage(), at(40));
  REQUIRE(state.candidates.size() == 1);
  CHECK(state.candidates.front().key == key('e'));
  CHECK(was_current(state, key('c')));
}

namespace {

Facts ready_under_run() {
  Facts ready = with_gate(steady(), 0, 120, {record_of('a'), record_of('b')});
  return ready;
}

Step run_step(const Facts& facts, const LineageConfig& config, double now = 1000,
              const std::set<StepKind>& tried = {}) {
  return plan({facts, config, at(now), Goal::run, tried});
}

}  // namespace

TEST_CASE("run promotes a ready key once the current one is as old as rollover says") {
  LineageConfig config = lineage();
  CHECK(run_step(ready_under_run(), config).kind == StepKind::nothing);
  config.rollover = Seconds{2000};
  const Step waiting = run_step(ready_under_run(), config);
  CHECK(waiting.kind == StepKind::wait);
  CHECK(waiting.when == at(2000).wall);
  CHECK(run_step(ready_under_run(), config, 2000).kind == StepKind::issue);
}

TEST_CASE("run never promotes a key that was current before, a person does") {
  LineageConfig config = lineage();
  config.rollover = Seconds{1};
  Facts facts = ready_under_run();
  facts.state.past_keys = {key('b').sha256};
  CHECK(run_step(facts, config).kind == StepKind::nothing);
  CHECK(next_step(facts, Goal::promote) == StepKind::issue);
}

TEST_CASE("A CA that refused is left in peace by run for 1, 2, 4, 8, 16 and then 24 hours") {
  CHECK(back_off(1) == std::chrono::hours(1));
  CHECK(back_off(2) == std::chrono::hours(2));
  CHECK(back_off(5) == std::chrono::hours(16));
  CHECK(back_off(6) == std::chrono::hours(24));
  CHECK(back_off(4'000'000'000U) == std::chrono::hours(24));
  LineageConfig config = lineage();
  config.rollover = Seconds{1};
  Facts facts = ready_under_run();
  facts.state.ca_refusals = Refusals{2, at(1000)};
  const Step waiting = run_step(facts, config, 1000 + 7199);
  CHECK(waiting.kind == StepKind::wait);
  CHECK(waiting.when == at(1000 + 7200).wall);
  CHECK(run_step(facts, config, 1000 + 7200).kind == StepKind::issue);
  CHECK(next_step(facts, Goal::promote) == StepKind::issue);
}

TEST_CASE("run publishes and retires while the next key waits, and what failed does not stop the rest") {
  Facts facts = with_gate(steady(), 0, 100, {record_of('a'), record_of('b')});
  facts.unpublished = {
      {test_owner(), std::nullopt, Seconds{60}, {record_of('b')}, {}, RRsetChange::Before::dane_is_on}};
  facts.retiring = {{{}, Retirement::Verdict::due, {}, {}}};
  CHECK(run_step(facts, lineage(), 100).kind == StepKind::publish);
  CHECK(run_step(facts, lineage(), 100, {StepKind::publish}).kind == StepKind::retire);
  CHECK(run_step(facts, lineage(), 100, {StepKind::publish, StepKind::retire}).kind == StepKind::wait);
}

TEST_CASE("A retiring key gets the record of a new line of the profile, but not when its time is over") {
  Facts facts = steady();
  const RetiringRecord record{test_owner(), record_of('9'), at(0), Served::perhaps, at(0), key('9')};
  facts.state.retiring = {record};
  LineageConfig wider = lineage();
  wider.profile.push_back({3, 1, 2});
  const auto retiring = [&] { return settled(facts, wider, at(5)).retiring; };
  facts.retiring = {{record, Retirement::Verdict::waiting, {}, {}, true}};
  REQUIRE(retiring().size() == 2);
  CHECK(retiring().back().association == association_of(key('9'), {3, 1, 2}));
  facts.retiring = {{record, Retirement::Verdict::due, {}, {}, false}};
  CHECK(retiring().size() == 1);
}
