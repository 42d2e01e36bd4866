#include "app/roll/roll.hpp"
#include "app/store/store.hpp"
#include "app/verbs/publish.hpp"
#include "fakes/deployed_world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace danectl;

namespace {

// A lineage whose current key is published, and whose next key is staged and is not.
class Staged : public DeployedWorld {
 public:
  Staged() {
    publish(first.chain.leaf().key);
    settings.config.publish = {.method = PublishMethod::hook, .ttl = Seconds{60}, .command = {"publish"}};
    const Workshop here = shop();
    Roll stock(here, enrolled(), look_at(here, enrolled().tlsa).value(), RollMode::settle);
    REQUIRE(stock.run().ok());
    REQUIRE(stock.stage().ok());
    coming = association_of(stock.state().next->key, {3, 1, 1});
    both = records;
    both.push_back(coming);
    std::sort(both.begin(), both.end());
  }
  int publish_all() { return danectl::publish({}, shop()); }
  std::vector<AskedFor> asked() { return load_ledger(files, paths, test_owner())->asked; }

  Association coming;
  RRset both;
};

// Looks into the ledger's file whenever a child is started.
struct LookingProcesses : Processes {
  LookingProcesses(Files& the_files, const Paths& the_paths) : files(the_files), paths(the_paths) {}
  Result<Outcome> run(const Command&) override {
    asked.push_back(load_ledger(files, paths, test_owner())->asked);
    Outcome outcome;
    outcome.exit_code = 0;
    return outcome;
  }
  Result<std::string> find(const std::string& program) override { return program; }
  Files& files;
  const Paths& paths;
  std::vector<std::vector<AskedFor>> asked;
};

}  // namespace

TEST_CASE_METHOD(Staged, "What is asked for is in the file of the ledger before it is sent") {
  LookingProcesses looking(files, paths);
  World theirs{clock, files, looking, keys, world.resolver, world.authority, world.probe, world.inspector};
  danectl::publish({}, {theirs, settings, output});
  REQUIRE_FALSE(looking.asked.empty());
  REQUIRE(looking.asked.front().size() == 1);
  CHECK(looking.asked.front().front().records == both);
  CHECK(looking.asked.front().front().before == std::vector<RRset>{records});
}

TEST_CASE_METHOD(Staged, "What was asked for stays open while name servers give what was there before") {
  publish_all();
  CHECK(asked().size() == 1);
  records = both;
  publish_all();
  CHECK(asked().empty());
}

TEST_CASE_METHOD(Staged, "What failed may yet be done, and is not forgotten") {
  processes.exit_code = 1;
  CHECK(publish_all() == 1);
  CHECK(asked().size() == 1);
}

TEST_CASE_METHOD(Staged, "What a server refused for certain is not asked for") {
  settings.config.publish = {.method = PublishMethod::nsupdate, .ttl = Seconds{60}};
  processes.exit_code = 2;
  processes.err = "update failed: REFUSED\n";
  CHECK(publish_all() == 1);
  CHECK(asked().empty());
  processes.err = "; Communication with 192.0.2.1#53 failed: timed out\n";
  CHECK(publish_all() == 75);
  CHECK(asked().size() == 1);
}

TEST_CASE_METHOD(Staged, "By print, what is printed counts as asked for") {
  settings.config.publish = {.method = PublishMethod::print, .ttl = Seconds{60}};
  CHECK(publish_all() == 0);
  CHECK(out.str().find(coming.text()) != std::string::npos);
  CHECK(processes.started.empty());
  REQUIRE(asked().size() == 1);
  CHECK(asked().front().records == both);
}

TEST_CASE_METHOD(Staged, "A dry run shows the change and notes nothing") {
  CHECK(danectl::publish({.names = {}, .dry_run = true}, shop()) == 0);
  CHECK(out.str().find("would add: ") != std::string::npos);
  CHECK(processes.started.empty());
  CHECK(asked().empty());
}

TEST_CASE_METHOD(Staged, "Without DNS nothing is changed") {
  dns_down = true;
  CHECK(publish_all() == 75);
  CHECK(processes.started.empty());
  CHECK(asked().empty());
}
