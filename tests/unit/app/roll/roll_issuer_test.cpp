#include "app/roll/roll.hpp"
#include "app/store/generations.hpp"
#include "app/store/store.hpp"
#include "app/verbs/promote.hpp"
#include "app/verbs/publish.hpp"
#include "app/verbs/rollback.hpp"
#include "core/rollover/settle.hpp"
#include "fakes/deploy.hpp"
#include "fakes/small_world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>

using namespace danectl;

namespace {

// A lineage whose first chain is deployed, with the records that its profile wants for it, ready.
class Deployed : public SmallWorld {
 public:
  explicit Deployed(const std::vector<Group>& profile, Rotation rotation = Rotation::next) {
    settings.lineages.front().profile = profile;
    settings.lineages.front().rotation = rotation;
    initial = signed_by(ca, test_key(), clock.time.wall - std::chrono::hours(1));
    REQUIRE(open_store(files, paths(), short_wait).ok());
    brought(initial);
    REQUIRE(deploy(files, paths(), enrolled(), initial).ok());
    records = associations_of(keys(initial), profile);
    REQUIRE(roll(RollMode::settle).run().ok());
    clock.sleep(Seconds{120});
  }

  static KeyAndChain signed_by(const TestCa& authority, const std::string& key, WallTime not_before) {
    return {key, parse_chain(authority.issue({"mx.example.com", "mx.example.lab"}, key, not_before,
                                             not_before + std::chrono::hours(24 * 90)))
                     .value()};
  }
  KeyAndChain renewed(const std::string& key) { return signed_by(ca, key, clock.time.wall - Seconds{1}); }

  // certbot's lineage, as its next renewal leaves it.
  void brought(const KeyAndChain& material) { lineage.make(material); }

  [[nodiscard]] Paths paths() const { return Paths(state_dir()); }
  [[nodiscard]] ChainKeys keys(const KeyAndChain& material) const { return keys_of(material.chain, enrolled()); }
  // Of a call of its own: what it knows of DNS it reads from the files.
  const Workshop& call() { return calls.emplace_back(shop()); }
  Roll roll(RollMode mode) {
    const Workshop& here = call();
    return {here, enrolled(), look_at(here, enrolled().tlsa).value(), mode};
  }
  Facts facts() {
    Roll seen = roll(RollMode::settle);
    REQUIRE(seen.run().ok());
    return seen.facts();
  }
  // Since when nobody wants the record of an issuer; nothing: it is wanted, or not known at all.
  std::optional<Instant> unwanted_since(const KeyId& issuer) {
    for (const KnownKey& known : state().known) {
      if (known.key == issuer && known.names == KnownKey::Names::issuer) return known.unwanted_since;
    }
    return std::nullopt;
  }
  void publishes_by_a_hook() {
    settings.config.publish = {.method = PublishMethod::hook, .ttl = Seconds{60}, .command = {"publish"}};
  }
  void reload_is_pending() {
    State now = state();
    now.pending.reload_since = clock.time;
    REQUIRE(save_state(files, paths(), now).ok());
  }
  State state() { return load_state(files, paths(), "mx.example.lab").value(); }
  bool serves(const KeyAndChain& material) {
    return read_deployed(files, paths(), "mx.example.lab").value()->chain.leaf().fingerprint ==
           material.chain.leaf().fingerprint;
  }

  TestCa ca;
  KeyAndChain initial;
  std::deque<Workshop> calls;
};

const std::vector<Group> issuer_alone{{2, 1, 1}};
const std::vector<Group> key_and_issuer{{3, 1, 1}, {2, 1, 1}};

}  // namespace

TEST_CASE("Where records name the issuer alone, its next certificate is deployed at once, DNS or not") {
  Deployed world(issuer_alone);
  const KeyAndChain fresh = world.renewed(test_key());
  world.brought(fresh);
  world.dns_down = true;
  REQUIRE(world.roll(RollMode::run).run().ok());
  CHECK(world.serves(fresh));
  CHECK_FALSE(world.unwanted_since(*world.keys(world.initial).anchor));
  CHECK_FALSE(world.state().next);
}

TEST_CASE("What the same issuer signs while slow name servers are asked does not wait for a record") {
  Deployed world(issuer_alone);
  Roll slow = world.roll(RollMode::run);
  world.clock.sleep(Seconds{10});
  const KeyAndChain fresh = world.renewed(test_key());
  world.brought(fresh);
  REQUIRE(slow.run().ok());
  CHECK(world.serves(fresh));
  CHECK(world.state().candidates.empty());
}

TEST_CASE("A chain from another issuer waits for that issuer's record, and then the old record retires") {
  Deployed world(issuer_alone);
  world.ca.replace_intermediate();
  const KeyAndChain fresh = world.renewed(test_key());
  world.brought(fresh);
  REQUIRE(world.roll(RollMode::run).run().ok());
  CHECK(world.serves(world.initial));
  REQUIRE(world.state().candidates.size() == 1);
  CHECK(world.state().candidates.front().anchor == world.keys(fresh).anchor);

  world.records.push_back(association_of(*world.keys(fresh).anchor, {2, 1, 1}));
  REQUIRE(world.roll(RollMode::run).run().ok());
  CHECK(world.serves(world.initial));
  world.clock.sleep(Seconds{121});
  REQUIRE(world.roll(RollMode::run).run().ok());
  CHECK(world.serves(fresh));
  CHECK(world.unwanted_since(*world.keys(world.initial).anchor));
  const std::vector<RetiringFact> retiring = world.facts().places.front().retiring;
  REQUIRE(retiring.size() == 1);
  CHECK(retiring.front().record == association_of(*world.keys(world.initial).anchor, {2, 1, 1}));
}

TEST_CASE("A waiting candidate loses its turn when the present issuer signs a newer certificate") {
  Deployed world(issuer_alone);
  TestCa other;
  const KeyAndChain waiting = Deployed::signed_by(other, test_key(), world.clock.time.wall - Seconds{60});
  world.brought(waiting);
  REQUIRE(world.roll(RollMode::run).run().ok());
  REQUIRE(world.state().candidates.size() == 1);
  const KeyAndChain fresh = world.renewed(test_key());
  world.brought(fresh);
  REQUIRE(world.roll(RollMode::run).run().ok());
  CHECK(world.serves(fresh));
  CHECK(world.state().candidates.empty());
}

TEST_CASE("The same key from another issuer waits where the profile names both") {
  Deployed world(key_and_issuer);
  world.ca.replace_intermediate();
  const KeyAndChain fresh = world.renewed(world.initial.private_key);
  world.brought(fresh);
  REQUIRE(world.roll(RollMode::run).run().ok());
  CHECK(world.serves(world.initial));
  REQUIRE(world.state().candidates.size() == 1);
  CHECK(world.state().candidates.front().key == world.keys(world.initial).key);
}

TEST_CASE("A rollback under the issuer's record is not undone by the next run") {
  Deployed world(issuer_alone);
  world.brought(world.renewed(test_key()));
  REQUIRE(world.roll(RollMode::run).run().ok());
  REQUIRE_FALSE(world.serves(world.initial));
  REQUIRE(rollback({.name = "mx.example.lab"}, world.call()) == 0);
  CHECK(world.serves(world.initial));
  REQUIRE(world.roll(RollMode::run).run().ok());
  CHECK(world.serves(world.initial));
}

TEST_CASE("Under rotation by certbot nothing is staged, and a person is told what a candidate waits for") {
  Deployed world({{3, 1, 1}}, Rotation::certbot);
  CHECK(promote({}, world.call()) == 0);
  const KeyAndChain fresh = world.renewed(test_key());
  world.brought(fresh);
  CHECK(promote({}, world.call()) == 75);
  CHECK(world.err.str().find("the candidate of certbot does not pass it") != std::string::npos);
  CHECK_FALSE(world.state().next);
  world.records.push_back(association_of(world.keys(fresh).key, {3, 1, 1}));
  REQUIRE(world.roll(RollMode::run).run().ok());
  world.clock.sleep(Seconds{121});
  CHECK(promote({}, world.call()) == 0);
  CHECK(world.serves(fresh));
  CHECK_FALSE(world.state().next);
}

TEST_CASE("A candidate goes by the profile as it is, not as it was when it came") {
  Deployed world({{3, 1, 1}}, Rotation::certbot);
  const KeyAndChain fresh = world.renewed(test_key());
  world.brought(fresh);
  REQUIRE(world.roll(RollMode::run).run().ok());
  REQUIRE(world.state().candidates.size() == 1);
  world.settings.lineages.front().profile = key_and_issuer;
  REQUIRE(world.roll(RollMode::run).run().ok());
  REQUIRE(world.state().candidates.size() == 1);
  CHECK(world.state().candidates.front().anchor == world.keys(fresh).anchor);
  for (const KeyAndChain* one : std::vector<const KeyAndChain*>{&fresh, &world.initial}) {
    for (Association& record : associations_of(world.keys(*one), key_and_issuer)) {
      if (std::find(world.records.begin(), world.records.end(), record) != world.records.end()) continue;
      world.records.push_back(std::move(record));
    }
  }
  REQUIRE(world.roll(RollMode::run).run().ok());
  world.clock.sleep(Seconds{121});
  REQUIRE(world.roll(RollMode::run).run().ok());
  CHECK(world.serves(fresh));
  CHECK(world.state().candidates.empty());
  REQUIRE(world.roll(RollMode::run).run().ok());
}

TEST_CASE("A root that comes while a candidate waits makes it another, not a second one") {
  Deployed world(issuer_alone);
  world.ca.replace_intermediate();
  const KeyAndChain fresh = world.renewed(test_key());
  world.brought(fresh);
  REQUIRE(world.roll(RollMode::run).run().ok());
  world.settings.lineages.front().append_root = "/root.pem";
  world.settings.lineages.front().roots = parse_chain(world.ca.root_pem()).value().certificates;
  REQUIRE(world.roll(RollMode::run).run().ok());
  REQUIRE(world.state().candidates.size() == 1);
  world.records.push_back(association_of(world.enrolled().roots.front().key, {2, 1, 1}));
  REQUIRE(world.roll(RollMode::run).run().ok());
  world.clock.sleep(Seconds{121});
  REQUIRE(world.roll(RollMode::run).run().ok());
  CHECK(world.serves(fresh));
  CHECK(world.state().candidates.empty());
  REQUIRE(world.roll(RollMode::run).run().ok());
}

TEST_CASE("The record of an issuer that is no longer configured retires, of one that cannot be read it stays") {
  Deployed world(issuer_alone);
  const Certificate backup = parse_chain(TestCa().intermediate_pem()).value().leaf();
  const Association record = association_of(backup.key, {2, 1, 1});
  LineageConfig& lineage = world.settings.lineages.front();
  lineage.further_issuers = {backup};
  REQUIRE(world.roll(RollMode::settle).run().ok());
  CHECK(world.state().issuers == std::vector<KeyId>{backup.key});

  lineage.further_issuers.clear();
  lineage.unread_issuers = {"/issuers/backup.pem: no certificate in it"};
  REQUIRE(world.roll(RollMode::settle).run().ok());
  CHECK(contains(wanted_associations(world.facts(), lineage), record));
  CHECK_FALSE(world.unwanted_since(backup.key));

  lineage.unread_issuers.clear();
  REQUIRE(world.roll(RollMode::settle).run().ok());
  CHECK(world.state().issuers.empty());
  CHECK_FALSE(contains(wanted_associations(world.facts(), lineage), record));
  CHECK(world.unwanted_since(backup.key));
}

TEST_CASE("An issuer that is no longer configured but signed what is deployed keeps its record") {
  Deployed world(issuer_alone);
  LineageConfig& lineage = world.settings.lineages.front();
  lineage.further_issuers = {world.initial.chain.certificates[1]};
  REQUIRE(world.roll(RollMode::settle).run().ok());
  lineage.further_issuers.clear();
  REQUIRE(world.roll(RollMode::settle).run().ok());
  CHECK_FALSE(world.unwanted_since(world.initial.chain.certificates[1].key));
}

TEST_CASE("A candidate that cannot be deployed does not keep a person from going back") {
  Deployed world(issuer_alone);
  const KeyAndChain second = world.renewed(test_key());
  world.brought(second);
  REQUIRE(world.roll(RollMode::run).run().ok());
  REQUIRE(world.serves(second));
  const WallTime from = world.clock.time.wall;
  const std::string key = test_key();
  const std::string chain = TestCa().issue({"mx.example.com"}, key, from, from + std::chrono::hours(24 * 90));
  world.brought({key, parse_chain(chain).value()});
  REQUIRE(world.roll(RollMode::run).run().ok());
  REQUIRE(world.state().candidates.size() == 1);
  CHECK(rollback({.name = "mx.example.lab"}, world.call()) == 0);
  CHECK(world.serves(world.initial));
}

TEST_CASE("A candidate whose copy is lost is copied again from certbot") {
  Deployed world({{3, 1, 1}}, Rotation::certbot);
  const KeyAndChain fresh = world.renewed(test_key());
  world.brought(fresh);
  world.records.push_back(association_of(world.keys(fresh).key, {3, 1, 1}));
  REQUIRE(world.roll(RollMode::run).run().ok());
  REQUIRE(world.files.remove_tree(world.paths().candidates("mx.example.lab")).ok());
  world.clock.sleep(Seconds{121});
  REQUIRE(world.roll(RollMode::run).run().ok());
  CHECK(world.serves(fresh));
}

TEST_CASE("While a reload is pending no first record begins that the chain before would fail") {
  for (const bool by_key : {false, true}) {
    Deployed world(by_key ? std::vector<Group>{{3, 1, 1}} : issuer_alone);
    world.publishes_by_a_hook();
    world.records.clear();
    // The same key by another issuer, which servers have not loaded yet.
    world.ca.replace_intermediate();
    const KeyAndChain fresh = world.renewed(world.initial.private_key);
    world.brought(fresh);
    REQUIRE(deploy(world.files, world.paths(), world.enrolled(), fresh).value() == 2);
    State noted = world.state();
    noted.presented.push_back({2});
    REQUIRE(save_state(world.files, world.paths(), noted).ok());
    REQUIRE(world.roll(RollMode::settle).run().ok());
    REQUIRE(world.state().pending.reload_since);
    world.processes.started.clear();
    CHECK(publish({}, world.call()) == (by_key ? 0 : 75));
    CHECK(world.processes.started.empty() != by_key);
    const bool said = world.err.str().find("(a reload is pending) would not pass") != std::string::npos;
    CHECK(said != by_key);
  }
}

TEST_CASE("What begins is held back while a probe cannot be asked, and the rest is published") {
  Deployed world({{3, 1, 2}, {2, 1, 1}});
  world.publishes_by_a_hook();
  world.settings.lineages.front().probe = {ProbeUrl::parse("smtp://mx.example.com:25").value()};
  REQUIRE(world.roll(RollMode::settle).stage().ok());
  std::erase_if(world.records, [](const Association& record) { return record.group.usage == 2; });
  world.processes.started.clear();
  CHECK(publish({}, world.call()) == 75);
  REQUIRE_FALSE(world.processes.started.empty());
  for (const Command& one : world.processes.started) CHECK(one.argv.back().starts_with("3 1 2 "));
  CHECK(world.err.str().find("the first one switches DANE on for it") != std::string::npos);
  CHECK(world.err.str().find("connection refused") != std::string::npos);
}
