#include "core/rollover/objection_text.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

using Kind = Objection::Kind;
using By = HeldVersion::By;

const Sender no_sha512{Sender::Knows::no_sha512, {}};

HeldVersion held_by(By by, RRset records = {record_of('a')}) {
  HeldVersion held{.by = by, .name = test_owner(), .version = {.records = std::move(records), .ttl = Seconds{60}}};
  held.server = "ns1.example.com (192.0.2.1)";
  held.until = at(0);
  return held;
}

HeldVersion unheard(By by) {
  HeldVersion held = held_by(by);
  held.version = {.kind = Version::Kind::unheard, .ttl = Seconds{60}};
  return held;
}

std::string fails(const HeldVersion& held, const Sender& sender = {}) {
  return objection_text(
      {.kind = Kind::fails, .owner = test_owner(), .chain = "the next chain", .held = held, .sender = sender});
}

const std::string short_a = "3 1 1 aaaaaaaaaaaa...aaaaaaaa";

}  // namespace

TEST_CASE("A version that fails is told with who gave it, where, and for which sender") {
  CHECK(fails(held_by(By::server)) ==
        "ns1.example.com (192.0.2.1) gave " + short_a + " at _25._tcp.mx.example.com: the next chain does not pass it");
  CHECK(fails(held_by(By::server, {record_of('a'), record_of('b')})).find(", 3 1 1 bbbb") != std::string::npos);
  CHECK(fails(held_by(By::server), no_sha512).ends_with("does not pass it for a sender that does not know SHA-512"));
  CHECK(fails(held_by(By::cache)) == "name servers gave " + short_a +
                                         " at _25._tcp.mx.example.com until 2030-01-01T00:00:00Z, and caches may still "
                                         "have it: the next chain does not pass it");
  CHECK(fails(held_by(By::asked_for)) == "danectl asked for " + short_a +
                                             " at _25._tcp.mx.example.com, and this change may still be made: the next "
                                             "chain does not pass it");
  CHECK(fails(held_by(By::resolver)) ==
        "the resolver of this host still answers " + short_a + " from its cache: the next chain does not pass it");
  CHECK(fails(held_by(By::gone_server)) ==
        "ns1.example.com (192.0.2.1) is not a name server any more, but caches may still ask it; it gave " + short_a);
}

TEST_CASE("The absence of records is called that") {
  CHECK(fails(held_by(By::server, {})) ==
        "ns1.example.com (192.0.2.1) gave no TLSA record at _25._tcp.mx.example.com: the next chain does not pass "
        "without a record");
}

TEST_CASE("Of a server that was not heard nothing is claimed") {
  CHECK(fails(unheard(By::server)) ==
        "ns1.example.com (192.0.2.1) never gave a validated answer: what it gives is not known");
  CHECK(fails(unheard(By::cache)) ==
        "until 2030-01-01T00:00:00Z nobody knew what a name server of _25._tcp.mx.example.com gave");
  CHECK(fails(unheard(By::gone_server)).ends_with("it gave no validated answer"));
}

TEST_CASE("Each other objection is one sentence that names what stands against the step") {
  struct Case {
    Objection objection;
    std::string text;
  };
  const DnsName owner = test_owner();
  HeldVersion nothing = held_by(By::server, {});
  for (const Case& one : {
           Case{{.kind = Kind::not_asked}, "DNS was not asked"},
           Case{{.kind = Kind::silent, .server = "ns1 (192.0.2.1)", .why = "no answer within 5 s"},
                "ns1 (192.0.2.1): no answer within 5 s"},
           Case{{.kind = Kind::silent, .why = "the answer is bogus"}, "the answer is bogus"},
           Case{{.kind = Kind::missing, .server = "ns1", .held = held_by(By::server), .record = record_of('b')},
                "ns1: does not have " + record_of('b').text()},
           Case{{.kind = Kind::missing, .server = "ns1", .held = nothing, .record = record_of('b')},
                "ns1: has no TLSA record at _25._tcp.mx.example.com"},
           Case{{.kind = Kind::other_key}, "it has another key or issuer than the deployed chain"},
           Case{
               {.kind = Kind::would_fail, .chain = "the deployed chain", .sender = Sender{}, .rrset = {record_of('a')}},
               "the deployed chain would not pass " + short_a},
           Case{{.kind = Kind::would_fail, .chain = "it", .sender = no_sha512, .rrset = {record_of('a')}},
                "it would not pass " + short_a + " for a sender that does not know SHA-512"},
           Case{{.kind = Kind::differ, .owner = owner},
                "the name servers do not give the same records at _25._tcp.mx.example.com"},
           Case{{.kind = Kind::following, .owner = owner},
                "not every name server has followed the last change at _25._tcp.mx.example.com"},
           Case{{.kind = Kind::unreadable, .why = "the state of mx cannot be read"}, "the state of mx cannot be read"},
           Case{{.kind = Kind::probe, .server = "smtp://mx (192.0.2.25)", .why = "connection refused"},
                "what smtp://mx (192.0.2.25) presents is not known: connection refused"},
           Case{{.kind = Kind::needed, .chain = "the deployed chain", .sender = no_sha512},
                "the deployed chain needs it for a sender that does not know SHA-512"},
           Case{{.kind = Kind::additions_first, .owner = owner, .record = record_of('a')},
                short_a + " of a deployed chain is missing at _25._tcp.mx.example.com: it is published first"},
           Case{{.kind = Kind::needs_person, .record = record("2 1 1 " + std::string(64, 'a'))},
                "2 1 1 aaaaaaaaaaaa...aaaaaaaa names an issuer, and may be the record of another host, too: only a "
                "person may delete it"},
       }) {
    CHECK(objection_text(one.objection) == one.text);
  }
}

TEST_CASE("A record is shortened where it is long, and only there") {
  CHECK(shortened(record_of('a')) == short_a);
  CHECK(shortened(Association{{3, 1, 0}, "abcd"}) == "3 1 0 abcd");
}
