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
  facts.generations = {1};
  facts.certbot = CertbotFact{chain('a', "one"), true};
  facts.next = NextFact{key('b'), std::nullopt, {}};
  facts.state.name = "mx.example.com";
  facts.state = settled(facts, lineage(), at(0));
  return facts;
}

// The next key as DNS has it.
Facts with_way(Facts facts, KeyStage stage, Objections objections = {}) {
  facts.next->way.stage = stage;
  facts.next->way.objections = std::move(objections);
  return facts;
}

Facts ready() {
  return with_way(steady(), KeyStage::ready);
}

Objection lacking() {
  return {.kind = Objection::Kind::missing, .owner = test_owner(), .record = record_of('b')};
}

PlaceFact place_with(DnsChange::Does does, const RRset& records) {
  PlaceFact place;
  place.place.name = test_owner();
  place.plan.change = DnsChange{does, records};
  place.plan.missing = does == DnsChange::Does::add ? records : RRset{};
  return place;
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

TEST_CASE("certbot's newer certificate for the same key is adopted, an older one is not") {
  Facts facts = steady();
  facts.certbot->chain = chain('a', "renewed", 10);
  CHECK(next_step(facts) == StepKind::adopt);
  facts.against_adoption = {{.kind = Objection::Kind::other_key}};
  CHECK(next_step(facts) != StepKind::adopt);
  facts.against_adoption.clear();
  facts.certbot->chain = chain('a', "restored", -10);
  CHECK(next_step(facts) != StepKind::adopt);
}

TEST_CASE("A key of before that certbot comes back with is replaced, never a candidate") {
  Facts facts = steady();
  facts.state.known.push_back({key('9'), KnownKey::Names::server, KnownKey::Deployed::once, at(0)});
  facts.against_adoption = {{.kind = Objection::Kind::other_key}};
  facts.certbot->chain = chain('9', "back again", 10);
  CHECK(next_step(facts) == StepKind::install);
}

TEST_CASE("An older certificate with another key is replaced, too: the deployment dropped it") {
  Facts facts = steady();
  facts.against_adoption = {{.kind = Objection::Kind::other_key}};
  facts.certbot->chain = chain('c', "of before the promotion", -10);
  CHECK(next_step(facts) == StepKind::install);
}

TEST_CASE("A foreign key becomes a candidate, and is not deployed before its records are ready") {
  Facts facts = steady();
  facts.certbot->chain = chain('c', "foreign", 10);
  facts.against_adoption = {{.kind = Objection::Kind::other_key}};
  CHECK(next_step(facts) == StepKind::keep_candidate);
  facts.state.candidates = {{key('c'), "foreign", at(10).wall, at(9000).wall, at(11)}};
  facts.candidates = {CandidateFact{{key('c'), {}}, ChainFact{chain('c', "foreign", 10), std::nullopt, false}, {}}};
  facts.state = settled(facts, lineage(), at(12));
  CHECK(next_step(facts) == StepKind::wait);
  facts.candidates.front().way.stage = KeyStage::ready;
  CHECK(next_step(facts) == StepKind::deploy_candidate);
  CHECK(next_step(facts, Goal::run) == StepKind::deploy_candidate);
  facts.candidates.front().kept->refused = failed("it has ended");
  CHECK(next_step(facts) == StepKind::wait);
}

TEST_CASE("Of several candidates that may be deployed it is the newest") {
  Facts facts = steady();
  for (const char digit : {'c', 'd', 'e'}) {
    const std::string fingerprint(1, digit);
    facts.state.candidates.push_back({key(digit), fingerprint, at(10).wall, at(9000).wall, at(11)});
    facts.candidates.push_back({{key(digit), {}}, ChainFact{chain(digit, fingerprint, 10), std::nullopt, false}, {}});
  }
  facts.state = settled(facts, lineage(), at(12));
  facts.candidates[0].way.stage = facts.candidates[1].way.stage = KeyStage::ready;
  const Step step = plan({facts, lineage(), at(1000), Goal::run});
  CHECK(step.kind == StepKind::deploy_candidate);
  CHECK(step.candidate == 1);
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
  Facts facts = ready();
  facts.certbot->reuse_key = false;
  CHECK(next_step(facts) == StepKind::restore_reuse_key);
}

TEST_CASE("A next key is published, waited for, issued and deployed, in this order") {
  Facts facts = with_way(steady(), KeyStage::staged, {lacking()});
  facts.places = {place_with(DnsChange::Does::add, {record_of('b')})};
  CHECK(next_step(facts, Goal::run) == StepKind::publish);
  facts.places.clear();
  CHECK(next_step(facts, Goal::run) == StepKind::wait);
  facts = ready();
  CHECK(next_step(facts) == StepKind::issue);
  facts.next->issued = ChainFact{chain('b', "two"), std::nullopt, false};
  CHECK(next_step(facts) == StepKind::deploy_next);
  CHECK(next_step(facts, Goal::run) == StepKind::nothing);
}

TEST_CASE("While the next key is not ready the plan says what it waits for") {
  const auto waits = [](const Facts& facts) { return plan({facts, lineage(), at(1000), Goal::run}); };
  CHECK(waits(with_way(steady(), KeyStage::staged, {lacking()})).what == "publish the records of the next key");
  Facts held = with_way(steady(), KeyStage::visible);
  held.next->way.ready_at = at(1100).wall;
  CHECK(waits(held).what == "wait for the hold-down");
  CHECK(waits(held).when == at(1100).wall);
  const Objection silent{.kind = Objection::Kind::silent, .owner = test_owner(), .server = "ns1", .why = "no answer"};
  CHECK(waits(with_way(steady(), KeyStage::staged, {silent})).why ==
        "no validated answer from every authoritative server");
}

TEST_CASE("A kept chain that is due for renewal or refused is asked for again, not deployed") {
  Facts facts = ready();
  facts.next->issued = ChainFact{chain('b', "two"), std::nullopt, true};
  CHECK(next_step(facts) == StepKind::issue);
  facts.next->issued = ChainFact{chain('b', "two"), failed("it has ended"), false};
  CHECK(next_step(facts) == StepKind::issue);
}

TEST_CASE("A reload that failed in this call does not keep the rest from being done") {
  Facts facts = steady();
  facts.state.pending.reload_since = at(1);
  CHECK(next_step(facts) == StepKind::run_hooks);
  facts.next.reset();
  facts.state = settled(facts, lineage(), at(2));
  const Step step = plan({facts, lineage(), at(1000), Goal::run, every_step(), {StepKind::run_hooks}});
  CHECK(step.kind == StepKind::stage);
}

namespace {

Step run_step(const Facts& facts, const LineageConfig& config, double now = 1000, const StepKinds& tried = {}) {
  return plan({facts, config, at(now), Goal::run, every_step(), tried});
}

}  // namespace

TEST_CASE("run promotes a ready key once the current one is as old as rollover says") {
  LineageConfig config = lineage();
  CHECK(run_step(ready(), config).kind == StepKind::nothing);
  config.rollover = Seconds{2000};
  const Step waiting = run_step(ready(), config);
  CHECK(waiting.kind == StepKind::wait);
  CHECK(waiting.when == at(2000).wall);
  CHECK(run_step(ready(), config, 2000).kind == StepKind::issue);
}

TEST_CASE("run never promotes a key that was current before, a person does") {
  LineageConfig config = lineage();
  config.rollover = Seconds{1};
  Facts facts = ready();
  for (KnownKey& known : facts.state.known) known.deployed = KnownKey::Deployed::once;
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
  Facts facts = ready();
  facts.state.ca_refusals = Refusals{2, at(1000)};
  const Step waiting = run_step(facts, config, 1000 + 7199);
  CHECK(waiting.kind == StepKind::wait);
  CHECK(waiting.when == at(1000 + 7200).wall);
  CHECK(run_step(facts, config, 1000 + 7200).kind == StepKind::issue);
  CHECK(next_step(facts, Goal::promote) == StepKind::issue);
}

TEST_CASE("run publishes and retires while the next key waits, and what failed does not stop the rest") {
  Facts facts = with_way(steady(), KeyStage::visible);
  facts.places = {place_with(DnsChange::Does::remove, {record_of('9')}),
                  place_with(DnsChange::Does::add, {record_of('b')})};
  CHECK(run_step(facts, lineage(), 100).kind == StepKind::publish);
  CHECK(run_step(facts, lineage(), 100, {StepKind::publish}).kind == StepKind::retire);
  CHECK(run_step(facts, lineage(), 100, {StepKind::publish, StepKind::retire}).kind == StepKind::wait);
}

TEST_CASE("A change of DNS that is due comes before the next key's promotion") {
  LineageConfig config = lineage();
  config.rollover = Seconds{1};
  Facts facts = ready();
  facts.places = {place_with(DnsChange::Does::remove, {record_of('9')})};
  CHECK(run_step(facts, config).kind == StepKind::retire);
  CHECK(run_step(facts, config, 1000, {StepKind::retire}).kind == StepKind::issue);
}

TEST_CASE("A verb takes the lines of its own and passes over the others") {
  Facts facts = ready();
  facts.places = {place_with(DnsChange::Does::add, {record_of('b')})};
  CHECK(plan({facts, lineage(), at(1000), Goal::promote, steps_of_promote()}).kind == StepKind::issue);
  facts.state.pending.reload_since = at(1);
  CHECK(plan({facts, lineage(), at(1000), Goal::run, steps_of_deploy_hook()}).kind == StepKind::run_hooks);
  facts.state.pending = {};
  CHECK(is_rest(plan({facts, lineage(), at(1000), Goal::run, steps_of_deploy_hook()}).kind));
  CHECK(is_rest(plan({facts, lineage(), at(1000), Goal::run, {StepKind::settle}}).kind));
}

TEST_CASE("A key is staged where there is none, and never under rotation by certbot") {
  Facts facts = steady();
  facts.next.reset();
  facts.state.next.reset();
  facts.state = settled(facts, lineage(), at(0));
  CHECK(next_step(facts, Goal::run) == StepKind::stage);
  LineageConfig config = lineage();
  config.rotation = Rotation::certbot;
  CHECK(run_step(facts, config).kind == StepKind::nothing);
}

TEST_CASE("A person who promotes without a next key is told to stage one; after a promotion the following is staged") {
  Facts facts = steady();
  facts.next.reset();
  facts.state.next.reset();
  facts.state = settled(facts, lineage(), at(0));
  CHECK(next_step(facts) == StepKind::person);
  CHECK(plan({facts, lineage(), at(1000), Goal::promote, every_step(), {}, true}).kind == StepKind::stage);
  facts.state.pending.stage_since = at(1);
  CHECK(next_step(facts) == StepKind::stage);
}

TEST_CASE("One promotion a call: what is ready then is for a later one") {
  const Facts facts = ready();
  CHECK(next_step(facts) != StepKind::nothing);
  CHECK(plan({facts, lineage(), at(1000), Goal::promote, every_step(), {}, true}).kind == StepKind::nothing);
}

TEST_CASE("The CA is not asked for a certificate without the name that a record of an issuer is for") {
  LineageConfig issuers = lineage();
  issuers.profile = {{3, 1, 1}, {2, 1, 1}};
  Facts facts = ready();
  facts.deployed->chain.certificates.front().names = {"mx.example.com"};
  facts.certbot->chain.certificates.front().names = {"old.example.com"};
  const Step step = plan({facts, issuers, at(1000), Goal::promote});
  CHECK(step.kind == StepKind::person);
  CHECK(step.why.find("mx.example.com") != std::string::npos);
  CHECK(next_step(facts) == StepKind::issue);
}
