#include "app/publish/publisher.hpp"

#include "app/store/store.hpp"
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
  // One record more where another stands.
  static RRsetUpdate update(const std::string& zone, DnsChange::Does does = DnsChange::Does::add) {
    return {name("tlsa._dane." + zone), name(zone), Seconds{60}, {does, {record_of('a')}}, {{record_of('b')}}};
  }
  ChangeResult change(const RRsetUpdate& wanted) { return publisher_for(here, wanted.owner)->change(wanted); }
  const std::string& key_of(std::size_t call) { return processes.started.at(call).argv.back(); }

  Workshop here = shop();
};

}  // namespace

TEST_CASE_METHOD(ThreeZones, "Each zone is updated at its server, with its key, in its form, and by hand not at all") {
  CHECK(change(update("example.net")).kind == ChangeResult::Kind::done);
  CHECK(publisher_for(here, name("tlsa._dane.example.org")) == nullptr);
  CHECK(change(update("example.com")).kind == ChangeResult::Kind::done);
  REQUIRE(processes.started.size() == 2);
  CHECK(key_of(0) == "/net.key");
  const std::string at_net = "tlsa._dane.example.net. IN TYPE52 \\# 35 030101" + std::string(64, 'b');
  CHECK(processes.started[0].input == "server 192.0.2.2\nzone example.net.\nprereq yxrrset " + at_net +
                                          "\nupdate add tlsa._dane.example.net. 60 IN TYPE52 \\# 35 030101" +
                                          std::string(64, 'a') + "\nsend\n");
  CHECK(key_of(1) == "/com.key");
  CHECK(processes.started[1].input.starts_with("server 192.0.2.1\nzone example.com.\n"));
}

TEST_CASE_METHOD(ThreeZones, "A deletion goes where the name is published") {
  CHECK(change(update("example.com", DnsChange::Does::remove)).kind == ChangeResult::Kind::done);
  REQUIRE(processes.started.size() == 1);
  CHECK(key_of(0) == "/com.key");
  CHECK(processes.started[0].input.find("update delete tlsa._dane.example.com. IN TLSA 3 1 1 a") != std::string::npos);
}

TEST_CASE_METHOD(ThreeZones, "Only what the server refused is certain not to be done") {
  processes.exit_code = 2;
  const auto outcome_of = [&](const std::string& printed) {
    processes.err = printed;
    return change(update("example.com", DnsChange::Does::remove)).kind;
  };
  using Kind = ChangeResult::Kind;
  CHECK(outcome_of("update failed: REFUSED\n") == Kind::refused);
  CHECK(outcome_of("update failed: NOTAUTH(BADKEY)\n") == Kind::refused);
  CHECK(outcome_of("update failed: NXRRSET\n") == Kind::changed_meanwhile);
  CHECK(outcome_of("update failed: YXRRSET\n") == Kind::changed_meanwhile);
  CHECK(outcome_of("; Communication with 192.0.2.1#53 failed: timed out\n") == Kind::unclear);
  CHECK(outcome_of("; Communication with 192.0.2.1#53 failed: timed out\nupdate failed: REFUSED\n") == Kind::unclear);
  CHECK(outcome_of("update failed: SERVFAIL\n") == Kind::unclear);
  CHECK(outcome_of("what nobody knows") == Kind::unclear);
}

TEST_CASE_METHOD(ThreeZones, "Where servers differ the primary may have any of their RRsets, and each is tried") {
  processes.exit_code = 2;
  processes.err = "update failed: NXRRSET\n";
  RRsetUpdate wanted = update("example.com");
  wanted.seen = {{}, {record_of('b')}};
  CHECK(change(wanted).kind == ChangeResult::Kind::changed_meanwhile);
  REQUIRE(processes.started.size() == 2);
  CHECK(processes.started[0].input.find("prereq nxrrset ") != std::string::npos);
  CHECK(processes.started[1].input.find("prereq yxrrset ") != std::string::npos);
}

TEST_CASE_METHOD(ThreeZones, "A hook gets one record at a time, in their order, and what failed may yet be done") {
  settings.config.publish = {.method = PublishMethod::hook, .ttl = Seconds{60}, .command = {"publish"}};
  RRsetUpdate wanted = update("example.com");
  wanted.change.records = {record_of('c'), record_of('a')};
  CHECK(change(wanted).kind == ChangeResult::Kind::done);
  REQUIRE(processes.started.size() == 2);
  CHECK(processes.started[0].argv ==
        std::vector<std::string>{"publish", "add", "tlsa._dane.example.com", "60", record_of('c').text()});
  CHECK(processes.started[1].argv.back() == record_of('a').text());
  processes.exit_code = 1;
  CHECK(change(wanted).kind == ChangeResult::Kind::unclear);
  CHECK(processes.started.size() == 3);
}

TEST_CASE_METHOD(ThreeZones, "What of a lineage is by hand goes by where its aliases end") {
  LineageConfig two_owners = enrolled();
  two_owners.tlsa = {test_owner(), name("_25._tcp.mail.example.com")};
  CHECK(by_hand(here, two_owners) == ByHand::nothing);
  REQUIRE(open_store(files, here.paths(), short_wait).ok());
  OwnerLook look = no_answer(at(0));
  look.chain = {test_owner(), name("tlsa._dane.example.org")};
  REQUIRE(here.book->note(files, here.paths(), {at(0), at(0), {look}}).ok());
  CHECK(by_hand(here, two_owners) == ByHand::some);
  CHECK(is_by_hand(here, test_owner()));
  look.owner = two_owners.tlsa.back();
  look.chain = {look.owner, name("tlsa._dane.example.org")};
  REQUIRE(here.book->note(files, here.paths(), {at(0), at(0), {look}}).ok());
  CHECK(by_hand(here, two_owners) == ByHand::everything);
}
