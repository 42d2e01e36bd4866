#include "app/roll/roll.hpp"

#include "app/store/generations.hpp"
#include "app/store/store.hpp"
#include "app/verbs/promote.hpp"
#include "app/verbs/stage.hpp"
#include "fakes/ready_to_promote.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

using namespace danectl;

namespace {

const KnownKey* known(const State& state, const KeyId& key) {
  const auto found =
      std::find_if(state.known.begin(), state.known.end(), [&](const KnownKey& one) { return one.key == key; });
  return found == state.known.end() ? nullptr : &*found;
}

// Temporary files, links and folders of calls that were cut.
std::vector<std::string> left_behind(const SmallWorld& world) {
  std::vector<std::string> left;
  for (const std::string& root : {world.state_dir(), world.settings.config.certbot_dir}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.path().filename().string().starts_with(".danectl-")) left.push_back(entry.path().string());
    }
  }
  return left;
}

}  // namespace

TEST_CASE("A ready next key is promoted, installed, reloaded, and followed by another") {
  ReadyToPromote world;
  REQUIRE(world.promote_all() == 0);
  CHECK(world.served() == world.next);
  CHECK(world.of_certbot() == world.next);
  CHECK(world.issued == 1);
  REQUIRE(world.processes.started.size() == 1);
  CHECK(world.processes.started.front().argv == std::vector<std::string>{"reload-server"});
  const State state = world.state();
  CHECK(state.current->key == world.next);
  REQUIRE(state.next);
  CHECK_FALSE(state.next->key == world.next);
  const KnownKey* const before = known(state, world.first.chain.leaf().key);
  REQUIRE(before != nullptr);
  CHECK(before->deployed == KnownKey::Deployed::once);
  CHECK(before->unwanted_since);
  CHECK_FALSE(state.pending.reload_since);
}

TEST_CASE("A promotion cut at any change of a file is completed by the next call, and serves no mismatch in between") {
  int changes = 0;
  {
    ReadyToPromote whole;
    const int before = whole.files.changes();
    REQUIRE(whole.promote_all() == 0);
    changes = whole.files.changes() - before;
  }
  REQUIRE(changes > 20);
  for (int change = 1; change <= changes; ++change) {
    for (const auto when : {CuttingFiles::When::before, CuttingFiles::When::half_way, CuttingFiles::When::after}) {
      INFO("cut at change " << change << ", " << static_cast<int>(when));
      ReadyToPromote world;
      world.files.cut_at(world.files.changes() + change, when);
      CHECK_THROWS_AS(world.promote_all(), PowerCut);
      world.files.cut_at(std::numeric_limits<int>::max(), when);
      const KeyId served = world.served();  // fails when key and certificate do not fit
      CHECK((served == world.next || served == world.first.chain.leaf().key));

      const int code = world.promote_all();
      INFO(world.err.str());
      // After the very last steps nothing was left to complete, and the key after that is not visible yet.
      CHECK((code == 0 || (code == 75 && served == world.next)));
      CHECK(world.served() == world.next);
      CHECK(world.of_certbot() == world.next);
      CHECK(world.issued <= 2);
      CHECK(left_behind(world) == std::vector<std::string>{});
    }
  }
}

TEST_CASE("A reload that fails leaves the promotion done, the reload pending and the following key staged") {
  ReadyToPromote world;
  world.processes.exit_code = 1;
  CHECK(world.promote_all() == 1);
  CHECK(world.served() == world.next);
  const State state = world.state();
  CHECK(state.pending.reload_since);
  CHECK(state.next);
  CHECK(world.err.str().find("reload-server: exit code 1") != std::string::npos);
}

TEST_CASE("A reload that fails is told also when the next key is not ready, and is the worse of the two") {
  ReadyToPromote world;
  world.records.pop_back();
  State state = world.state();
  state.pending.reload_since = world.clock.time;
  REQUIRE(save_state(world.files, world.paths(), state).ok());
  world.processes.exit_code = 1;
  CHECK(world.promote_all() == 1);
  CHECK(world.err.str().find("reload-server") != std::string::npos);
  CHECK(world.err.str().find("not promoted") != std::string::npos);
}

TEST_CASE("A lineage that waiting cannot mend keeps no other from being promoted") {
  ReadyToPromote world;
  LineageConfig broken = world.enrolled();
  broken.name = "broken.example.lab";
  world.settings.lineages.push_back(broken);
  REQUIRE(world.files.write(world.paths().state(broken.name), "garbage", {}).ok());
  CHECK(promote({.names = {}, .wait = true}, world.call()) == 1);
  CHECK(world.served() == world.next);
  CHECK(world.err.str().find("broken.example.lab") != std::string::npos);
}

TEST_CASE("Without DNS nothing is promoted, and a renewal with the same key is adopted all the same") {
  ReadyToPromote world;
  world.dns_down = true;
  const WallTime now = world.clock.time.wall;
  const Chain renewed =
      parse_chain(test_ca().issue({"mx.example.lab"}, world.first.private_key, now, now + std::chrono::hours(2160)))
          .value();
  REQUIRE(world.lineage.install({world.first.private_key, renewed}).ok());
  CHECK(world.promote_all() == 75);
  CHECK(world.served() == world.first.chain.leaf().key);
  CHECK(world.generation() == 2);
}

TEST_CASE("A foreign key of certbot is kept as a candidate and not served") {
  ReadyToPromote world;
  world.dns_down = true;
  const KeyAndChain foreign = new_material();
  REQUIRE(world.lineage.install(foreign).ok());
  CHECK(world.promote_all() == 75);
  CHECK(world.generation() == 1);
  const State state = world.state();
  REQUIRE(state.candidates.size() == 1);
  CHECK(state.candidates.front().key == foreign.chain.leaf().key);
}

TEST_CASE("A certificate for the next key without a name of the present one is not deployed") {
  ReadyToPromote world;
  const WallTime now = world.clock.time.wall;
  const std::string key = world.files.read(world.paths().next_key("mx.example.lab")).value();
  const std::string other = test_ca().issue({"other.example.lab"}, key, now, now + std::chrono::hours(2160));
  world.world.authority = [other](const Config&) {
    struct Fixed : CertificateAuthority {
      explicit Fixed(std::string the_pem) : pem(std::move(the_pem)) {}
      Result<Chain> issue(const IssueRequest&, const BeforeOrder&) override { return parse_chain(pem); }
      std::string pem;
    };
    return std::make_unique<Fixed>(other);
  };
  CHECK(world.promote_all() == 1);
  CHECK(world.generation() == 1);
  CHECK(world.err.str().find("not for mx.example.lab") != std::string::npos);
}

TEST_CASE("A rollback serves the key before, gives it to certbot, and keeps the key left as the next one") {
  ReadyToPromote world;
  REQUIRE(world.promote_all() == 0);
  const KeyId first = world.first.chain.leaf().key;
  REQUIRE(world.roll(RollMode::complete).roll_back().ok());
  CHECK(world.served() == first);
  CHECK(world.of_certbot() == first);
  const State state = world.state();
  CHECK(state.current->key == first);
  REQUIRE(state.next);
  CHECK(state.next->key == world.next);
  CHECK(was_current(state, world.next));
  CHECK(world.issued == 1);
}

TEST_CASE("A rollback whose record has gone is refused, and nothing is touched") {
  ReadyToPromote world;
  REQUIRE(world.promote_all() == 0);
  std::erase(world.records, association_of(world.first.chain.leaf().key, world.enrolled().profile.front()));
  const int changes_before = world.generation();
  const auto done = world.roll(RollMode::complete).roll_back();
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == ErrorKind::not_yet);
  CHECK(static_cast<int>(world.generation()) == changes_before);
  CHECK(world.served() == world.next);
}

TEST_CASE("A rollback cut at any change of a file is undone or completed by the next run") {
  int changes = 0;
  {
    ReadyToPromote whole;
    REQUIRE(whole.promote_all() == 0);
    const int before = whole.files.changes();
    REQUIRE(whole.roll(RollMode::complete).roll_back().ok());
    changes = whole.files.changes() - before;
  }
  REQUIRE(changes > 10);
  for (int change = 1; change <= changes; ++change) {
    for (const auto when : {CuttingFiles::When::before, CuttingFiles::When::half_way, CuttingFiles::When::after}) {
      INFO("cut at change " << change << ", " << static_cast<int>(when));
      ReadyToPromote world;
      REQUIRE(world.promote_all() == 0);
      world.files.cut_at(world.files.changes() + change, when);
      CHECK_THROWS_AS(world.roll(RollMode::complete).roll_back(), PowerCut);
      world.files.cut_at(std::numeric_limits<int>::max(), when);
      const KeyId served = world.served();

      const auto done = world.roll(RollMode::run).run();
      INFO(world.err.str());
      CHECK(done.ok());
      CHECK(world.served() == served);
      CHECK(world.of_certbot() == served);
      const State state = world.state();
      CHECK(state.current->key == served);
      CHECK_FALSE(state.pending.reload_since);
      REQUIRE(state.next);
      CHECK_FALSE(state.next->key == served);
      if (served == world.first.chain.leaf().key) CHECK(state.next->key == world.next);
    }
  }
}

TEST_CASE("A CA whose certificate may not be deployed is not asked by run before its time either") {
  ReadyToPromote world;
  world.world.authority = [&](const Config&) {
    return std::make_unique<FakeAuthority>(world.clock, world.issued, "other.example.lab");
  };
  world.settings.lineages.front().rollover = Seconds{1};
  const auto first = world.roll(RollMode::run).run();
  REQUIRE_FALSE(first);
  CHECK(first.error().hint.find("`danectl run` asks again in 1 h") != std::string::npos);
  Roll waiting = world.roll(RollMode::run);
  CHECK(waiting.preview()->why.find("is not for mx.example.lab") != std::string::npos);
  CHECK(waiting.run().ok());
  CHECK(world.issued == 1);
  world.clock.sleep(Seconds{3601});
  CHECK_FALSE(world.roll(RollMode::run).run());
  CHECK(world.issued == 2);
  world.clock.sleep(Seconds{3601});  // the second time it is two hours
  CHECK(world.roll(RollMode::run).run().ok());
  CHECK(world.issued == 2);
  CHECK(world.served() == world.first.chain.leaf().key);
}

TEST_CASE("Once a certificate for the next key may be deployed the refusals before it count no more") {
  ReadyToPromote world;
  State state = world.state();
  state.ca_refusals = Refusals{5, world.clock.time};
  REQUIRE(save_state(world.files, world.paths(), state).ok());
  CHECK(stage({.names = {"mx.example.lab"}, .issue = true}, world.call()) == 0);
  CHECK(world.issued == 1);
  REQUIRE(world.roll(RollMode::settle).run().ok());
  CHECK_FALSE(world.state().ca_refusals);
}

TEST_CASE("A CA that refuses is not asked by run before its time, and a person asks it at once") {
  ReadyToPromote world;
  int asked = 0;
  world.world.authority = [&asked](const Config&) {
    struct Refusing : CertificateAuthority {
      explicit Refusing(int& the_count) : count(the_count) {}
      Result<Chain> issue(const IssueRequest&, const BeforeOrder&) override {
        ++count;
        return not_yet("certbot got no certificate: too many certificates already issued");
      }
      bool ordered() const override { return true; }
      int& count;
    };
    return std::make_unique<Refusing>(asked);
  };
  world.settings.lineages.front().rollover = Seconds{1};
  CHECK_FALSE(world.roll(RollMode::run).run());
  CHECK(world.roll(RollMode::run).run().ok());
  CHECK(asked == 1);
  CHECK(world.promote_all() == 75);
  CHECK(asked == 2);
  world.clock.sleep(Seconds{7199});
  CHECK(world.roll(RollMode::run).run().ok());
  world.clock.sleep(Seconds{2});
  CHECK_FALSE(world.roll(RollMode::run).run());
  CHECK(asked == 3);
}

TEST_CASE("A folder that is no generation does not keep servers and certbot from what was deployed") {
  ReadyToPromote world;
  const std::string stray = world.paths().generation("mx.example.lab", 2);
  REQUIRE(world.files.make_folder(stray, 0755).ok());
  CHECK(world.promote_all() == 0);
  CHECK(world.of_certbot() == world.next);
  CHECK(world.processes.started.size() == 1);
  CHECK_FALSE(world.state().pending.reload_since);
  CHECK(world.err.str().find("if " + stray + " is no generation that danectl made, move it away") != std::string::npos);

  const auto back = world.roll(RollMode::complete).roll_back();
  REQUIRE_FALSE(back);
  CHECK(back.error().hint.find(stray) != std::string::npos);
}

TEST_CASE("A next key that is deployed already is no next key, and its copies go") {
  ReadyToPromote world;
  const auto copy = [&] { return world.files.info(world.paths().next_key("mx.example.lab")).value().has_value(); };
  REQUIRE(world.files.write(world.paths().next_key("mx.example.lab"), world.first.private_key, {.mode = 0600}).ok());
  Roll settling = world.roll(RollMode::settle);
  REQUIRE(settling.run().ok());
  CHECK_FALSE(settling.state().next);
  CHECK_FALSE(copy());
  REQUIRE(settling.stage().ok());
  CHECK(copy());
}

TEST_CASE("The copy of a candidate that lost its turn goes, also where a promotion has to wait") {
  ReadyToPromote world;
  const std::string copy = world.paths().candidate("mx.example.lab", std::string(64, 'a'));
  REQUIRE(world.files.make_folder(copy, 0700).ok());
  REQUIRE(world.files.write(copy + "/privkey.pem", "a key", {.mode = 0600}).ok());
  world.processes.exit_code = 1;
  REQUIRE(world.promote_all() == 1);  // the reload fails
  CHECK_FALSE(world.files.info(copy).value().has_value());
  REQUIRE(world.files.make_folder(copy, 0700).ok());
  world.processes.exit_code = 0;
  REQUIRE(world.promote_all() == 75);  // it reloads, and the following key is not visible yet
  CHECK_FALSE(world.files.info(copy).value().has_value());
}
