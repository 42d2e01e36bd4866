#include "core/check/check_keys.hpp"

#include "fakes/published_owner.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

TEST_CASE_METHOD(PublishedOwner, "A current key that one server lacks among others' records is critical there") {
  const Enrolled& mx = enroll("mx");
  publish({mx.current(), mx.next()}, {mx.next()});
  const Finding found = only(FindingId::current_not_published, Severity::critical);
  CHECK(found.lineage == "mx");
  CHECK(found.owner == test_owner().text());
  CHECK(found.address == "192.0.2.2");
  CHECK(says(found, mx.deployed().leaf().key.sha256));
}

TEST_CASE_METHOD(PublishedOwner, "A current key that a server without records lacks is a warning: mail goes through") {
  const Enrolled& mx = enroll("mx");
  publish({mx.current(), mx.next()}, {});
  CHECK(has(FindingId::current_not_published));
  CHECK(has(FindingId::next_not_published));
  CHECK(worst(findings()) == Severity::warning);
}

TEST_CASE_METHOD(PublishedOwner, "Where DANE is off and a server has another key, that comes before the first record") {
  const Enrolled& mx = enroll("mx");
  publish({});
  presented = {new_chain()};
  for (const Finding& finding : findings()) {
    if (finding.id == FindingId::current_not_published)
      CHECK(finding.remedy.starts_with("first have the server present"));
  }
  CHECK(has(FindingId::current_not_published));
  // As RSA and ECDSA side by side.
  presented = {mx.deployed(), enroll("other").deployed()};
  for (const Finding& finding : findings()) {
    if (finding.id == FindingId::current_not_published) CHECK(finding.remedy.starts_with("danectl publish "));
  }
}

TEST_CASE_METHOD(PublishedOwner, "A current key with one record of two is a warning: the other lets mail through") {
  Enrolled& mx = enroll("mx");
  mx.lineage.profile = {Group{3, 1, 1}, Group{3, 1, 2}};
  publish({mx.current(), mx.next(), spki(mx.facts.next->key, "3 1 1")});
  CHECK(says(findings().front(), "3 1 2"));
  CHECK(worst(findings()) == Severity::warning);
}

TEST_CASE_METHOD(PublishedOwner, "A stronger digest that hides the current key's is critical and named") {
  const Enrolled& mx = enroll("mx");
  const Association stale = record("3 1 2 " + std::string(128, 'c'));
  publish({mx.current(), mx.next(), stale});
  REQUIRE(has(FindingId::current_not_published, Severity::critical));
  const auto found = findings();
  CHECK(std::any_of(found.begin(), found.end(), [&](const Finding& one) { return says(one, stale.text() + " at"); }));
}

TEST_CASE_METHOD(PublishedOwner, "A chain that lacks the name where the issuer alone is named has to be renewed") {
  Enrolled& mx = enroll("mx");
  mx.lineage.profile = {Group{2, 1, 1}};
  const TestCa ca;
  const std::string key = test_key();
  mx.facts.deployed->chain =
      parse_chain(ca.issue({"www.example.com"}, key, at(0).wall - a_day, at(0).wall + 89 * a_day)).value();
  publish({anchor(mx.deployed())});
  const Finding found = only(FindingId::current_not_published, Severity::critical);
  CHECK(says(found, "it does not pass"));
  CHECK(found.remedy ==
        "names and dates count where an issuer is named: renew the certificate with mx.example.com in "
        "it");
}

TEST_CASE_METHOD(PublishedOwner, "Another alias at one server is a warning for the keys behind it") {
  const Enrolled& mx = enroll("mx");
  publish({mx.current(), mx.next()});
  look.answers.back().cname = name("elsewhere.example.net");
  look.answers.back().records.clear();
  CHECK(has(FindingId::current_not_published));
  CHECK(worst(findings()) == Severity::warning);
  CHECK(says(findings().front(), "where _25._tcp.mx.example.com is an alias of elsewhere.example.net there"));
}

TEST_CASE_METHOD(PublishedOwner,
                 "A lineage of another owner that leads to the same records is asked for nothing here") {
  const Enrolled& mx = enroll("mx");
  Enrolled& other = enroll("other");
  other.lineage.tlsa = {name("_25._tcp.mx2.example.com")};
  const Chain old = new_chain();
  other.retire(old.leaf().key, at(-10 * 86400));
  publish({mx.current(), mx.next(), other.current(), other.next(), spki(old)});
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "Nothing of DNS is told of a lineage that DNS says nothing about") {
  const Enrolled& mx = enroll("mx");
  publish({mx.next()});
  look.dnssec = Dnssec::bogus;
  CHECK(healthy());
  look.dnssec = Dnssec::secure;
  for (ServerAnswer& answer : look.answers) answer.kind = ServerAnswer::Kind::unknown;
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "A next key that one server lacks is a warning that names the server") {
  const Enrolled& mx = enroll("mx");
  publish({mx.current(), mx.next()}, {mx.current()});
  CHECK(says(only(FindingId::next_not_published), mx.next().text() + " is not at ns2.example.com (192.0.2.2)"));
}

TEST_CASE_METHOD(PublishedOwner, "A next key that is still not ready after a day, or two hold-downs, is a warning") {
  Enrolled& mx = enroll("mx");
  publish({mx.current(), mx.next()});
  Readiness& way = mx.facts.next->way;
  way.stage = KeyStage::visible;
  way.objections = {{.kind = Objection::Kind::missing,
                     .owner = test_owner(),
                     .server = "ns2.example.com (192.0.2.2)",
                     .held = HeldVersion{.version = {.records = {record_of('a')}}},
                     .record = mx.next()}};
  mx.facts.state.next->staged_at = at(-86400);
  CHECK(healthy());
  mx.facts.state.next->staged_at = at(-86401);
  CHECK(only(FindingId::next_not_ready).lineage == "mx");
  way.hold_down = Seconds{86400};
  CHECK(healthy());
  mx.facts.state.next->staged_at = at(-2 * 86400 - 1);
  CHECK(says(only(FindingId::next_not_ready), "does not have " + mx.next().text()));
}

TEST_CASE_METHOD(PublishedOwner, "A next key that waits for silent servers alone has no finding of its own") {
  Enrolled& mx = enroll("mx");
  publish({mx.current(), mx.next()});
  Readiness& way = mx.facts.next->way;
  way.stage = KeyStage::staged;
  way.objections = {{.kind = Objection::Kind::silent,
                     .owner = test_owner(),
                     .server = "ns2.example.com (192.0.2.2)",
                     .why = "no answer within 5 s"}};
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "A next key that another record hides is not ready, however long it has been there") {
  Enrolled& mx = enroll("mx");
  publish({mx.current(), mx.next()});
  Readiness& way = mx.facts.next->way;
  way.stage = KeyStage::staged;
  way.objections = {{.kind = Objection::Kind::fails,
                     .owner = test_owner(),
                     .chain = "the chain of the next key",
                     .held = HeldVersion{.name = test_owner(),
                                         .version = {.records = {record("3 1 2 " + std::string(128, 'e'))}},
                                         .server = "ns1.example.com (192.0.2.1)"},
                     .sender = Sender{}}};
  CHECK(says(only(FindingId::next_not_ready), "the chain of the next key does not pass it"));
}

TEST_CASE_METHOD(PublishedOwner, "A retiring record is overdue two days after its time, with what holds it back") {
  Enrolled& mx = enroll("mx");
  const Chain old = new_chain();
  mx.retire(old.leaf().key, at(-3 * 86400));
  mx.facts.state.presented.push_back({0, PresentedGeneration::Seen::live});
  mx.facts.presented = {{0, old}};
  mx.facts.state.pending.reload_since = at(-3 * 86400);
  publish({mx.current(), mx.next(), spki(old)});
  CHECK(healthy());
  mx.facts.state.known.back().unwanted_since = at(-3 * 86400 - 1);
  CHECK(says(only(FindingId::retiring_overdue),
             "the chain of generation 0 of mx, which servers may still present (a "
             "reload is pending) needs it"));
  mx.lineage.retire_after = 2 * a_day;
  CHECK(healthy());
  mx.lineage.retire_after = a_day;
  publish({mx.current(), mx.next()});
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "A retiring record that another lineage serves is not overdue") {
  Enrolled& mx = enroll("mx");
  const Enrolled& other = enroll("other");
  mx.retire(other.deployed().leaf().key, at(-10 * 86400));
  publish({mx.current(), mx.next(), other.current(), other.next()});
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "A retiring record is told of the lineage that had its key, and of no other") {
  Enrolled& mx = enroll("mx");
  const Enrolled& other = enroll("other");
  const Chain old = new_chain();
  mx.retire(old.leaf().key, at(-10 * 86400));
  publish({mx.current(), mx.next(), other.current(), other.next(), spki(old)});
  CHECK(only(FindingId::retiring_overdue).lineage == "mx");
}
