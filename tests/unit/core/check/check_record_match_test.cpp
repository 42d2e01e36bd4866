#include "core/check/check_record_match.hpp"

#include "fakes/published_owner.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

const std::string stale_anchor = "2 1 1 " + std::string(64, 'd');

}  // namespace

TEST_CASE_METHOD(PublishedOwner, "A group that does not match what is presented is a warning that names both") {
  presented = {new_chain()};
  publish({spki(presented.front()), record_of('a'), record(stale_anchor)});
  const Finding found = only(FindingId::group_mismatch);
  CHECK(found.owner == test_owner().text());
  CHECK(says(found, "the 2 1 1 records"));
  CHECK(says(found, presented.front().leaf().key.sha256));
}

TEST_CASE_METHOD(PublishedOwner, "A group must match each chain by itself") {
  presented = {new_chain(), new_chain()};
  const RRset both{spki(presented[0]), spki(presented[1]), record_of('a')};
  publish(both);
  CHECK(healthy());
  RRset and_certificate = both;
  and_certificate.push_back(spki(presented[0], "1 1 1"));
  look.owner = name("_443._tcp.mx.example.com");
  publish(and_certificate);
  CHECK_FALSE(has(FindingId::group_mismatch));  // usage 1 is of no use without a CA to ask
}

TEST_CASE_METHOD(PublishedOwner, "A group that does not match the deployed chain is told with the lineage") {
  const Enrolled& mx = enroll("mx");
  publish({mx.current(), mx.next(), record(stale_anchor)});
  REQUIRE(has(FindingId::group_mismatch));
  for (const Finding& finding : findings()) {
    if (finding.id == FindingId::group_mismatch) CHECK(finding.lineage == "mx");
  }
}

TEST_CASE_METHOD(PublishedOwner, "The records of another lineage are not to be deleted for the sake of one") {
  Enrolled& one = enroll("one");
  Enrolled& other = enroll("other");
  other.lineage.profile = {Group{2, 1, 1}};
  // Another issuer than that of `one`.
  const TestCa ca;
  const std::string key = test_key();
  other.facts.deployed->chain =
      parse_chain(ca.issue({"mx.example.com"}, key, at(0).wall - a_day, at(0).wall + 89 * a_day)).value();
  publish({one.current(), one.next(), anchor(other.deployed())});
  for (const Finding& finding : findings()) {
    if (finding.id != FindingId::group_mismatch) continue;
    CHECK(finding.remedy.find("delete") == std::string::npos);
    if (finding.lineage == "one") {
      CHECK(finding.remedy == "they are of other: put \"2 1 1\" into the profile of one, too (RFC 7671 section 8)");
    }
  }
  CHECK(has(FindingId::group_mismatch));
}

TEST_CASE_METHOD(PublishedOwner, "An issuer's record that is there and does not match is a matter of the certificate") {
  Enrolled& mx = enroll("mx");
  mx.lineage.profile = {Group{3, 1, 1}, Group{2, 1, 1}};
  const TestCa ca;
  const std::string key = test_key();
  mx.facts.deployed->chain =
      parse_chain(ca.issue({"www.example.com"}, key, at(0).wall - a_day, at(0).wall + 89 * a_day)).value();
  mx.facts.state.current = CurrentKey{mx.deployed().leaf().key, 1, {}, {}, at(-86400 * 10)};
  publish({mx.current(), mx.next(), anchor(mx.deployed())});
  CHECK(only(FindingId::group_mismatch).remedy ==
        "its own record is there, but names and dates count, too, where an issuer is named: renew the certificate with "
        "mx.example.com in it");
}

TEST_CASE_METHOD(PublishedOwner, "A mismatch is told once of a chain that is presented and deployed, on all servers") {
  const Enrolled& mx = enroll("mx");
  presented = {mx.deployed()};
  publish({mx.current(), mx.next(), record(stale_anchor)},
          {mx.current(), mx.next(), record(stale_anchor), record_of('f')});
  const auto found = findings();
  CHECK(std::count_if(found.begin(), found.end(),
                      [](const Finding& finding) { return finding.id == FindingId::group_mismatch; }) == 1);
}

TEST_CASE_METHOD(PublishedOwner, "Where nothing matches what is presented, the server's own check says so") {
  presented = {new_chain()};
  publish({record_of('a'), record_of('b'), record(stale_anchor)});
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "A record that no lineage and no server knows is foreign") {
  const Enrolled& mx = enroll("mx");
  publish({mx.current(), mx.next()}, {mx.current(), mx.next(), record_of('f')});
  const Finding found = only(FindingId::foreign_record);
  CHECK(says(found, record_of('f').text()));
  CHECK(found.remedy == "if no other host needs it: danectl retire mx --foreign \"" + record_of('f').text() + "\"");
}

TEST_CASE_METHOD(PublishedOwner, "A foreign record that retire would not take is to be deleted by hand") {
  const Enrolled& mx = enroll("mx");
  publish({mx.current(), mx.next(), Association{{3, 1, 1}, "abcd"}});
  const auto found = findings();
  CHECK(std::any_of(found.begin(), found.end(), [](const Finding& one) {
    return one.id == FindingId::foreign_record &&
           one.remedy == "if no other host needs it: delete it from the zone by hand";
  }));
}

TEST_CASE_METHOD(PublishedOwner, "A record of what another host behind the name presents is not foreign") {
  const Enrolled& mx = enroll("mx");
  const Chain other = new_chain();
  publish({mx.current(), mx.next(), spki(other)});
  CHECK(has(FindingId::foreign_record));
  presented = {other};
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "A record of a key of the lineage under another group is not foreign") {
  const Enrolled& mx = enroll("mx");
  publish({mx.current(), mx.next(), spki(mx.deployed(), "3 1 2"), spki(mx.facts.next->key, "3 1 2")});
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "No record of a host of others is foreign") {
  publish({record_of('a'), record_of('b')});
  CHECK(healthy());
}
