#include "app/publish/publisher.hpp"

#include "fakes/small_world.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

// example.com by nsupdate with one key, example.net with another, example.org by a person.
class ThreeZones : public SmallWorld {
 public:
  ThreeZones() {
    Config& config = settings.config;
    config.publish.method = PublishMethod::nsupdate;
    config.publish.server = "192.0.2.1";
    config.publish.key_file = "/com.key";
    PublishConfig net = config.publish;
    net.server = "192.0.2.2";
    net.key_file = "/net.key";
    net.form = RecordForm::rfc3597;
    PublishConfig org = config.publish;
    org.method = PublishMethod::print;
    config.publish_zones = {{name("example.net"), net}, {name("example.org"), org}};
  }
  static RRsetChange change(const std::string& zone) {
    RRsetChange made;
    made.owner = name("tlsa._dane." + zone);
    made.zone = name(zone);
    made.ttl = Seconds{60};
    made.add = {record_of('a')};
    return made;
  }
  const std::string& key_of(std::size_t call) { return processes.started.at(call).argv.back(); }
};

}  // namespace

TEST_CASE_METHOD(ThreeZones, "Each zone is updated at its server, with its key, in its form, and by hand not at all") {
  const Workshop here = shop();
  REQUIRE(make_publisher(here)->add({change("example.net"), change("example.org"), change("example.com")}).ok());
  REQUIRE(processes.started.size() == 2);
  CHECK(key_of(0) == "/net.key");
  CHECK(processes.started[0].input ==
        "server 192.0.2.2\nzone example.net.\nupdate add tlsa._dane.example.net. 60 IN "
        "TYPE52 \\# 35 030101" +
            std::string(64, 'a') + "\nsend\n");
  CHECK(key_of(1) == "/com.key");
  CHECK(processes.started[1].input.rfind("server 192.0.2.1\nzone example.com.\n", 0) == 0);
}

TEST_CASE_METHOD(ThreeZones, "A zone that cannot be updated keeps no other from being tried") {
  const Workshop here = shop();
  processes.exit_code = 2;
  CHECK_FALSE(make_publisher(here)->add({change("example.net"), change("example.com")}).ok());
  CHECK(processes.started.size() == 2);
}

TEST_CASE_METHOD(ThreeZones, "A deletion goes where the name is published") {
  const Workshop here = shop();
  const auto publisher = make_publisher(here);
  for (const std::string zone : {"example.com", "example.net", "example.org"}) {
    RRsetRemoval removal;
    removal.owner = name("tlsa._dane." + zone);
    removal.remove = removal.seen = {record_of('a')};
    CHECK(publisher->remove(removal).outcome == Removal::Outcome::done);
  }
  REQUIRE(processes.started.size() == 2);
  CHECK(key_of(0) == "/com.key");
  CHECK(key_of(1) == "/net.key");
}

TEST_CASE_METHOD(ThreeZones, "Only what the server refused is certain not to be deleted") {
  const Workshop here = shop();
  processes.exit_code = 2;
  RRsetRemoval removal;
  removal.owner = name("tlsa._dane.example.com");
  const auto outcome_of = [&](const std::string& printed) {
    processes.err = printed;
    return make_publisher(here)->remove(removal).outcome;
  };
  CHECK(outcome_of("update failed: REFUSED\n") == Removal::Outcome::refused);
  CHECK(outcome_of("update failed: NOTAUTH(BADKEY)\n") == Removal::Outcome::refused);
  CHECK(outcome_of("update failed: NXRRSET\n") == Removal::Outcome::changed_meanwhile);
  CHECK(outcome_of("; Communication with 192.0.2.1#53 failed: timed out\n") == Removal::Outcome::unclear);
  CHECK(outcome_of("; Communication with 192.0.2.1#53 failed: timed out\nupdate failed: REFUSED\n") ==
        Removal::Outcome::unclear);
  CHECK(outcome_of("update failed: SERVFAIL\n") == Removal::Outcome::unclear);
  CHECK(outcome_of("what nobody knows") == Removal::Outcome::unclear);
}

TEST_CASE_METHOD(ThreeZones, "What of a lineage is by hand goes by where its aliases end") {
  const Workshop here = shop();
  LineageConfig two_owners = enrolled();
  two_owners.tlsa = {test_owner(), name("_25._tcp.mail.example.com")};
  CHECK(by_hand(here, two_owners) == ByHand::nothing);
  OwnerLook look = no_answer(at(0));
  look.chain = {test_owner(), name("tlsa._dane.example.org")};
  here.aliases->note({look});
  CHECK(by_hand(here, two_owners) == ByHand::some);
  CHECK(is_by_hand(here, test_owner()));
  look.owner = two_owners.tlsa.back();
  look.chain = {look.owner, name("tlsa._dane.example.org")};
  here.aliases->note({look});
  CHECK(by_hand(here, two_owners) == ByHand::everything);
}
