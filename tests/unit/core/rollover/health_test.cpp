#include "core/rollover/health.hpp"

#include "fakes/places.hpp"
#include "fakes/test_chain.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

// Key and certificate are deployed and certbot's, their record is published, nothing is to be done.
class Served {
 public:
  Served() {
    facts.deployed = DeployedFact{1, served};
    facts.certbot = CertbotFact{served, true};
    facts.state.name = lineage.name;
  }
  // With what these looks show of the owner.
  Report report(const std::vector<SeenAt>& looks = {}) {
    facts.places.clear();
    const std::vector<OwnerLook> owners(looks.begin(), looks.end());
    for (const SeenAt& look : looks) {
      facts.places.push_back(place_fact_at(look, {lineage_on(facts, lineage, {"mx.example.com"}, at(0))}));
    }
    return health({facts, lineage, owners, CheckConfig{}, step, served.leaf().not_before, hands});
  }
  Report with_records(const RRset& records) {
    return report({LookBuilder(at(0)).server("ns1.example.com", records).done()});
  }
  Association current(std::uint8_t mtype = 1) { return association_of(served.leaf().key, {3, 1, mtype}); }

  Hands hands;
  Chain served = new_chain();
  Facts facts;
  LineageConfig lineage = [] {
    LineageConfig config;
    config.name = "mx.example.lab";
    config.tlsa = {test_owner()};
    return config;
  }();
  Step step{StepKind::nothing, "promote the next key when you like", "its records are ready", std::nullopt, 0};
};

}  // namespace

TEST_CASE_METHOD(Served, "What is served, published and certbot's is well") {
  CHECK(with_records({current()}).health == Health::ok);
}

TEST_CASE_METHOD(Served, "A lineage that certbot lost needs a person, who is told how") {
  facts.certbot.reset();
  facts.certbot_trouble = "certbot has no lineage mx.example.lab: mx.example.lab.conf is not there";
  facts.certbot_cure = "restore /etc/letsencrypt from a backup";
  const Report found = with_records({current()});
  CHECK(found.health == Health::attention);
  CHECK(found.action.what == "mend certbot's lineage mx.example.lab");
  CHECK(found.action.why ==
        "certbot has no lineage mx.example.lab: mx.example.lab.conf is not there; restore /etc/letsencrypt from a "
        "backup; meanwhile the deployed certificate is served, which ends 2030-04-01T00:00:00Z");
}

TEST_CASE_METHOD(Served, "A setting by which certbot will not reuse the key needs a person") {
  facts.certbot->against_reuse = failed("key-type = rsa in cli.ini", "take that line out");
  const Report found = with_records({current()});
  CHECK(found.health == Health::attention);
  CHECK(found.action.what == "take that line out");
}

TEST_CASE_METHOD(Served, "A certbot that cannot be started needs a person, but after what senders see") {
  facts.certbot_program = failed("cannot find the program certbot on PATH", "set `certbot` to its path");
  const Report found = with_records({current()});
  CHECK(found.health == Health::attention);
  CHECK(found.action.what == "set `certbot` to its path");
  CHECK(found.action.why == "cannot find the program certbot on PATH");
  CHECK(with_records({record_of('e')}).health == Health::broken);
}

TEST_CASE_METHOD(Served, "A reload that is pending needs a person, whatever comes before it") {
  hands.timer = true;
  facts.state.pending.reload_since = at(0);
  step = {StepKind::install, "give certbot the deployed chain", "its lineage has another", std::nullopt, 0};
  CHECK(with_records({current()}).health == Health::waiting);
  lineage.reload = {{"systemctl", "reload", "postfix"}};
  CHECK(with_records({current()}).health == Health::attention);
}

TEST_CASE_METHOD(Served, "A lineage of certbot that may not be read is no finding") {
  facts.certbot.reset();
  facts.certbot_trouble = "cannot read privkey.pem: Permission denied";
  facts.certbot_is_forbidden = true;
  CHECK(with_records({current()}).health == Health::ok);
  step = {StepKind::person, "mend certbot's lineage", facts.certbot_trouble, std::nullopt, 0};
  const Report found = with_records({current()});
  CHECK(found.health == Health::ok);
  CHECK(found.action.what == "promote the next key");
}

TEST_CASE_METHOD(Served, "A lineage of certbot that an install left half-way is completed, not mended") {
  facts.certbot.reset();
  facts.certbot_trouble = "privkey.pem is not the key of the certificate";
  facts.certbot_is_half_ours = true;
  step = {StepKind::install, "complete certbot's lineage", facts.certbot_trouble, std::nullopt, 0};
  CHECK(with_records({current()}).action.what == "complete certbot's lineage");
}

TEST_CASE_METHOD(Served, "A damaged deployed file needs a person before all else but a broken owner") {
  facts.deployed_trouble = failed("combined.pem is not there", "put it back");
  facts.certbot.reset();
  facts.certbot_trouble = "certbot has no lineage mx.example.lab";
  const Report found = with_records({current()});
  CHECK(found.health == Health::attention);
  CHECK(found.action.what == "mend the files of the deployed generation");
  CHECK(found.action.why == "combined.pem is not there; put it back");
  CHECK(with_records({record_of('e')}).health == Health::broken);
}

TEST_CASE_METHOD(Served, "Records that do not match are answered with those that do") {
  const Report found = with_records({record_of('e')});
  CHECK(found.health == Health::broken);
  CHECK(found.action.what == "publish the records of the current key at _25._tcp.mx.example.com");
}

TEST_CASE_METHOD(Served, "Where the issuer's record is there and does not match, the certificate is to be renewed") {
  lineage.profile = {Group{2, 1, 1}};
  const std::string key = test_key();
  const WallTime begin = served.leaf().not_before;
  facts.deployed->chain =
      parse_chain(test_ca().issue({"www.example.com"}, key, begin, begin + std::chrono::hours(24))).value();
  const Report found = with_records({association_of(facts.deployed->chain.certificates.at(1).key, {2, 1, 1})});
  CHECK(found.health == Health::broken);
  CHECK(found.action.what == "renew the certificate with mx.example.com in it");
}

TEST_CASE_METHOD(Served, "A stronger digest of nobody's that hides the right record is to be deleted") {
  const Association foreign = record("3 1 2 " + std::string(128, 'e'));
  const Report found = with_records({current(), foreign});
  CHECK(found.health == Health::broken);
  CHECK(found.action.what == "delete " + foreign.text() + " at _25._tcp.mx.example.com");
}

TEST_CASE_METHOD(Served, "A stronger digest of the profile is missing, not in the way") {
  lineage.profile = {Group{3, 1, 1}, Group{3, 1, 2}};
  const Report found = with_records({current(), record("3 1 2 " + std::string(128, 'e'))});
  CHECK(found.action.what == "publish the records of the current key at _25._tcp.mx.example.com");
}

TEST_CASE_METHOD(Served, "The zone to be signed is that of the name which no signed zone holds") {
  SeenAt look = no_answer(at(0));
  look.dnssec = Dnssec::insecure;
  look.why = "_25._tcp.mx.example.com is an alias of mx.plain.example, which is not in a signed zone";
  CHECK(report({look}).action.what == "sign the zone of _25._tcp.mx.example.com");
  look.insecure_at = name("mx.plain.example");
  CHECK(report({look}).action.what == "sign the zone of mx.plain.example");
  CHECK(report({look}).action.why == look.why);
}

TEST_CASE_METHOD(Served, "What run publishes needs no person, but for the owners of which a person does") {
  hands.timer = true;
  CHECK(with_records({}).health == Health::ok);
  hands.by_hand = {test_owner()};
  CHECK(with_records({}).action.what == "publish the records of the current key at _25._tcp.mx.example.com");
}

TEST_CASE_METHOD(Served, "A step at the canonical name is a person's where the alias is published by hand") {
  hands.timer = true;
  step = {StepKind::publish, "publish the missing records", "they are missing", std::nullopt, 0};
  SeenAt look = LookBuilder(at(0)).server("ns1.example.com", {current()}).done();
  look.chain = {test_owner(), name("tlsa._dane.example.net")};
  for (ServerAnswer& answer : look.answers) answer.qname = look.canonical();
  facts.next = NextFact{new_chain().leaf().key, std::nullopt, {}};
  CHECK(report({look}).health == Health::waiting);
  hands.by_hand = {name("_25._tcp.mx.example.org")};
  CHECK(report({look}).health == Health::waiting);
  hands.by_hand = {test_owner()};
  CHECK(report({look}).health == Health::attention);
}

TEST_CASE_METHOD(Served, "Records by which one kind of sender fails break the lineage, though another passes") {
  lineage.profile = {{3, 1, 2}};
  CHECK(with_records({current(2)}).health == Health::ok);
  CHECK(with_records({current(2), record_of('e')}).health == Health::broken);
  CHECK(with_records({current(2), record_of('e'), current(1)}).health == Health::ok);
}

TEST_CASE_METHOD(Served, "A resolver that tells nothing needs a person, and a zone that is silent does not") {
  step = {StepKind::wait, "wait for DNS", "no validated answer", std::nullopt, 0};
  SeenAt look = no_answer(at(0));
  look.unanswered = OwnerLook::Unanswered::resolver;
  const Report found = report({look});
  CHECK(found.health == Health::attention);
  CHECK(found.action.what == "let this host look names up; danectl doctor says what it lacks");
  CHECK(found.action.why == look.why);
  SeenAt other = no_answer(at(0));
  other.unanswered = OwnerLook::Unanswered::by_silence;
  CHECK(report({other}).health == Health::waiting);
  CHECK(report({look, other}).health == Health::waiting);
  CHECK(report().health == Health::waiting);
}

TEST_CASE_METHOD(Served, "Records where the alias of a host leads break mail where what is deployed does not pass") {
  const Objection objection{.kind = Objection::Kind::fails,
                            .owner = name("_25._tcp.box.example.net"),
                            .alias = name("mx.example.com"),
                            .chain = "the deployed chain",
                            .held = HeldVersion{.name = name("_25._tcp.box.example.net"),
                                                .version = {.records = {record_of('a')}},
                                                .server = "ns1.example.net (192.0.2.1)"},
                            .sender = Sender{}};
  facts.next = NextFact{served.leaf().key, std::nullopt, {}};
  facts.next->way.objections = {objection};
  CHECK(with_records({current()}).health == Health::attention);
  CHECK(with_records({current()}).action.what ==
        "put \"_25._tcp.box.example.net\" in place of \"_25._tcp.mx.example.com\" into `tlsa` of mx.example.lab, and "
        "its host into `probe`, then danectl publish mx.example.lab");
  facts.fails_at_alias = objection;
  CHECK(with_records({current()}).health == Health::broken);
  facts.next->way.objections.front().held->by = HeldVersion::By::cache;
  facts.fails_at_alias.reset();
  CHECK(with_records({current()}).health == Health::ok);
}

TEST_CASE_METHOD(Served, "That certbot was told to leave out the name of an owner is told before the next key") {
  lineage.profile = {{3, 1, 1}, {2, 1, 1}};
  facts.deployed->chain.certificates.front().names = {"mx.example.com"};
  facts.certbot->chain.certificates.front().names = {"old.example.com"};
  const Report found = report();
  CHECK(found.health == Health::attention);
  CHECK(found.action.why.find("is not for mx.example.com") != std::string::npos);
}
