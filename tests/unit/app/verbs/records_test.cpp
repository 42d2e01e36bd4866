#include "app/verbs/records.hpp"

#include "app/frame/exit_code.hpp"
#include "app/roll/roll.hpp"
#include "app/store/generations.hpp"
#include "app/store/store.hpp"
#include "fakes/deploy.hpp"
#include "fakes/small_world.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace danectl;

namespace {

// A lineage with a current key, whose record is wanted.
class Enrolled : public SmallWorld {
 public:
  Enrolled() {
    REQUIRE(open_store(files, Paths(state_dir()), short_wait).ok());
    REQUIRE(deploy(files, Paths(state_dir()), enrolled(), first).ok());
    REQUIRE(Roll(shop(), enrolled(), {}, RollMode::deploy_hook).run().ok());
    out.str({});
    processes.started.clear();
  }
  int print(RecordFormat format) {
    return danectl::records({.names = {}, .owners = {}, .format = format, .only = {}}, shop());
  }
  int print_at(const std::string& owner, RecordFormat format = RecordFormat::zone) {
    return danectl::records({.names = {}, .owners = {name(owner)}, .format = format, .only = {}}, shop());
  }
  [[nodiscard]] std::string line() const {
    return "_25._tcp.mx.example.com. 3600 IN TLSA 3 1 1 " + first.chain.leaf().key.sha256;
  }
};

}  // namespace

TEST_CASE_METHOD(Enrolled, "Records are printed where they belong") {
  publish(first.chain.leaf().key);
  CHECK(print(RecordFormat::nsupdate) == exit_done);
  CHECK(out.str().find("update add _25._tcp.mx.example.com. 60 IN TLSA 3 1 1 ") != std::string::npos);
  CHECK(err.str().empty());
}

TEST_CASE_METHOD(Enrolled, "Where the state was lost the files tell what is wanted") {
  publish(first.chain.leaf().key);
  REQUIRE(files.remove_tree(Paths(state_dir()).state("mx.example.lab")).ok());
  CHECK(print(RecordFormat::zone) == exit_done);
  CHECK(out.str().find(" ; current key of mx.example.lab\n") != std::string::npos);
}

TEST_CASE_METHOD(Enrolled,
                 "Where a state cannot be read nothing is printed that could take the place of what is published") {
  publish(first.chain.leaf().key);
  REQUIRE(files.write(Paths(state_dir()).state("mx.example.lab"), "{", {}).ok());
  CHECK(print(RecordFormat::zone) != exit_done);
  CHECK(out.str().empty());
}

TEST_CASE_METHOD(Enrolled, "A lineage that was never deployed keeps no other's records from being printed") {
  publish(first.chain.leaf().key);
  LineageConfig other = enrolled();
  other.name = "other.example.lab";
  settings.lineages.push_back(other);
  CHECK(print(RecordFormat::zone) == exit_done);
  CHECK(out.str().find(first.chain.leaf().key.sha256) != std::string::npos);
}

TEST_CASE_METHOD(Enrolled, "A script for nsupdate leaves out an owner that may be an alias") {
  dns_down = true;
  CHECK(print(RecordFormat::nsupdate) == exit_not_yet);
  CHECK(out.str().empty());
  CHECK(
      err.str() ==
      "danectl: the records of _25._tcp.mx.example.com are left out, since it is not known whether it is an alias: the "
      "resolver gave no answer within 5 s\n  try again when the resolver answers\n");
}

TEST_CASE_METHOD(Enrolled, "A person gets the records of such an owner with a warning") {
  dns_down = true;
  CHECK(print(RecordFormat::zone) == exit_done);
  CHECK(out.str() == line() + " ; current key of mx.example.lab\n");
  CHECK(err.str() ==
        "danectl: warning: the resolver gave no answer within 5 s\n  its records are printed at the owner itself, with "
        "the TTL of the configuration\n");
}

TEST_CASE_METHOD(Enrolled, "A canonical name that is not known is null in JSON") {
  dns_down = true;
  CHECK(print(RecordFormat::json) == exit_done);
  const auto owner = nlohmann::json::parse(out.str())["owners"][0];
  CHECK(owner["canonical"].is_null());
  CHECK(owner["ttl"] == 3600);
  CHECK(owner["records"].size() == 1);
}

TEST_CASE_METHOD(Enrolled, "With nothing enrolled records says how to begin") {
  settings.lineages.clear();
  CHECK(print(RecordFormat::zone) == exit_done);
  CHECK(out.str().empty());
  CHECK(err.str() == "danectl: warning: no lineage is enrolled\n  danectl enroll NAME --tlsa _25._tcp.HOST\n");
}

TEST_CASE_METHOD(Enrolled, "The RRset of a name is that of the lineages that lead to it") {
  publish(first.chain.leaf().key);
  CHECK(print_at("_25._tcp.MX.example.com.") == exit_done);
  CHECK(out.str() == "_25._tcp.mx.example.com. 60 IN TLSA 3 1 1 " + first.chain.leaf().key.sha256 +
                         " ; current key of mx.example.lab\n");
}

TEST_CASE_METHOD(Enrolled, "A name to which no lineage leads is a failure, and nothing is printed") {
  CHECK(print_at("tlsa._dane.example.net", RecordFormat::json) == exit_failed);
  CHECK(out.str().empty());
  CHECK(err.str().rfind("danectl: no lineage leads to tlsa._dane.example.net\n", 0) == 0);
  settings.lineages.clear();
  CHECK(print_at("_25._tcp.mx.example.com") == exit_failed);
}

TEST_CASE_METHOD(Enrolled, "Where an alias leads that gives no answer is as its ledger has it") {
  const Version alias{.kind = Version::Kind::alias, .alias = name("tlsa._dane.example.net"), .ttl = Seconds{60}};
  const Ledger ledger{.name = test_owner(), .servers = {{name("ns1.example.com"), "192.0.2.1", alias}}};
  REQUIRE(save_ledger(files, Paths(state_dir()), ledger).ok());
  settings.config.publish_zones = {{name("example.net"), {}}};
  settings.config.publish_zones.front().publish.ttl = Seconds{7};
  dns_down = true;
  CHECK(print_at("tlsa._dane.example.net") == exit_done);
  CHECK(out.str().find("\ntlsa._dane.example.net. 7 IN TLSA 3 1 1 ") != std::string::npos);
  CHECK(err.str().find("printed at tlsa._dane.example.net, where it led before") != std::string::npos);
  CHECK(print_at("tlsa._dane.example.net", RecordFormat::nsupdate) == exit_not_yet);
  CHECK(print_at("tlsa._dane.example.org") == exit_not_yet);
  CHECK(err.str().find("whether a lineage leads to tlsa._dane.example.org is not known") != std::string::npos);
}
