#include "core/check/check_records.hpp"

#include "fakes/published_owner.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace danectl;

namespace {

OwnerLook look_at(const DnsName& owner, const RRset& records) {
  OwnerLook look = LookBuilder(at(0)).server("ns1.example.com", records).done();
  look.owner = owner;
  look.chain = {owner};
  for (ServerAnswer& answer : look.answers) answer.qname = owner;
  return look;
}

const DnsName other_owner = name("_587._tcp.mx.example.com");

}  // namespace

TEST_CASE_METHOD(PublishedOwner, "Current and next of a lineage raise no alarm, whether its server was asked or not") {
  const Enrolled& mx = enroll("mx");
  publish({mx.current(), mx.next()});
  CHECK(healthy());
  presented = {mx.deployed()};
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "Current and next of a host of others raise no alarm") {
  presented = {new_chain()};
  publish({spki(presented.front()), record_of('a')});
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "An RSA and an ECDSA lineage on one owner raise no alarm") {
  const Enrolled& ecdsa = enroll("ecdsa");
  const Enrolled& rsa = enroll("rsa", new_chain(KeyType::rsa_2048));
  publish({ecdsa.current(), ecdsa.next(), rsa.current(), rsa.next()});
  CHECK(healthy());
  presented = {ecdsa.deployed(), rsa.deployed()};
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner,
                 "An RSA and an ECDSA certificate of a host of others raise no alarm, with one to come") {
  presented = {new_chain(), new_chain(KeyType::rsa_2048)};
  const RRset both{spki(presented[0]), spki(presented[1])};
  publish({both[0], both[1], record_of('a')});
  CHECK(healthy());
  publish(both);
  CHECK(says(only(FindingId::no_next_record), both[0].text()));
}

TEST_CASE_METHOD(PublishedOwner, "More than twelve records are more than some senders read") {
  presented = {new_chain()};
  RRset many{spki(presented.front())};
  for (int i = 0; i < 11; ++i) many.push_back(record(fmt::format("3 1 1 {:064x}", i + 1)));
  publish(many);
  CHECK(healthy());
  many.push_back(record_of('a'));
  publish(many);
  CHECK(says(only(FindingId::too_many_records), "13"));
}

TEST_CASE_METHOD(PublishedOwner, "Records of the key and of its issuer raise no alarm") {
  const Enrolled& mx = enroll("mx");
  publish({mx.current(), mx.next(), anchor(mx.deployed())});
  CHECK(healthy());
  presented = {mx.deployed()};
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "Records of the key and of the issuer of a host of others raise no alarm") {
  presented = {new_chain()};
  publish({spki(presented.front()), anchor(presented.front())});
  CHECK(healthy());
  publish({anchor(presented.front())});
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "Records behind an alias raise no alarm, of a lineage or of others") {
  const auto behind_alias = [&](const RRset& records) {
    publish(records);
    const DnsName target = name("tlsa.example.net");
    look.chain.push_back(target);
    ServerAnswer at_target = look.answers.back();
    at_target.qname = target;
    for (ServerAnswer& answer : look.answers) {
      answer.cname = target;
      answer.records.clear();
    }
    look.answers.push_back(at_target);
  };
  presented = {new_chain()};
  behind_alias({spki(presented.front()), record_of('a')});
  CHECK(healthy());
  const Enrolled& mx = enroll("mx", presented.front());
  behind_alias({mx.current(), mx.next()});
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "A rollover raises no alarm in any phase once its records are published") {
  Enrolled& mx = enroll("mx");
  const Chain before = mx.deployed();
  const KeyId coming = new_chain().leaf().key;
  stage(mx, coming, at(-60), KeyStage::visible);
  publish({mx.current(), mx.next()});
  CHECK(healthy());  // staged, waiting

  const Chain after = new_chain();
  mx.facts.deployed = DeployedFact{2, after};
  mx.facts.state.current->key = after.leaf().key;
  mx.retire(before.leaf().key, at(-60));
  publish({spki(before), spki(after), spki(coming)});
  for (const std::vector<Chain>& served : {std::vector<Chain>{}, {before}, {after}, {before, after}}) {
    presented = served;
    CHECK(healthy());  // promoted, the server reloaded or not
  }
  publish({spki(after), spki(coming)}, {spki(before), spki(after), spki(coming)});
  CHECK(healthy());  // the old record has gone from one server
}

TEST_CASE_METHOD(PublishedOwner, "A candidate whose records are published raises no alarm") {
  Enrolled& mx = enroll("mx");
  const Chain candidate = new_chain();
  mx.add_candidate(candidate.leaf().key);
  publish({mx.current(), mx.next(), spki(candidate)});
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "A lineage without a next key is a warning, told without an owner and without DNS") {
  Enrolled& mx = enroll("mx");
  publish({mx.current()});
  mx.facts.next.reset();
  mx.facts.state.next.reset();
  CHECK(only(FindingId::no_next_record).owner.empty());
  look = no_answer(at(0));
  CHECK(only(FindingId::no_next_record).lineage == "mx");
  mx.lineage.rotation = Rotation::certbot;
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "A host of others with one record is a warning, unless it is of an issuer") {
  publish({record_of('a')});
  CHECK(only(FindingId::no_next_record).owner == test_owner().text());
  publish({record_of('a')}, {record_of('a'), record_of('b')});
  CHECK(healthy());
  publish({record("2 1 1 " + std::string(64, 'a'))});
  CHECK(healthy());
  publish({});
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner,
                 "Owners of a lineage that have the same of its records agree, whatever else they have") {
  Enrolled& mx = enroll("mx");
  const Chain old = new_chain();
  mx.retire(old.leaf().key, at(0));
  const RRset wanted{mx.current(), mx.next()};
  CHECK(check_owners_agree(
            lineages().front(),
            {look_at(test_owner(), {mx.current(), mx.next(), spki(old), record_of('e')}), look_at(other_owner, wanted)})
            .empty());
}

TEST_CASE_METHOD(PublishedOwner, "An owner that lacks what another has is named with the record, of whichever key") {
  Enrolled& mx = enroll("mx");
  const KeyId candidate = new_chain().leaf().key;
  mx.add_candidate(candidate);
  const RRset all{mx.current(), mx.next(), spki(candidate)};
  for (const Association& missing : all) {
    RRset some = all;
    std::erase(some, missing);
    const auto found = check_owners_agree(lineages().front(), {look_at(test_owner(), all), look_at(other_owner, some)});
    REQUIRE(found.size() == 1);
    CHECK(found.front().id == FindingId::owners_disagree);
    CHECK(found.front().severity == Severity::warning);
    CHECK(found.front().lineage == "mx");
    CHECK(found.front().owner == other_owner.text());
    CHECK(says(found.front(), missing.text() + ", which " + test_owner().text() + " has"));
  }
}

TEST_CASE_METHOD(PublishedOwner,
                 "An owner of which nothing is known disagrees with none, nor do owners that lack the same") {
  const Enrolled& mx = enroll("mx");
  OwnerLook silent = no_answer(at(0));
  silent.owner = other_owner;
  CHECK(check_owners_agree(lineages().front(), {look_at(test_owner(), {mx.current(), mx.next()}), silent}).empty());
  CHECK(check_owners_agree(lineages().front(),
                           {look_at(test_owner(), {mx.current()}), look_at(other_owner, {mx.current()})})
            .empty());
}

TEST_CASE_METHOD(PublishedOwner, "A key that two lineages serve is a finding only where none may be shared") {
  const Chain chain = new_chain();
  enroll("mx", chain);
  enroll("imap", chain);
  enroll("other");
  CheckConfig config;
  CHECK(check_shared_keys(lineages(), config).empty());
  config.shared_keys = false;
  const auto found = check_shared_keys(lineages(), config);
  REQUIRE(found.size() == 1);
  CHECK(found.front().id == FindingId::shared_key);
  CHECK(found.front().severity == Severity::warning);
  CHECK(says(found.front(), "mx, imap serve the same key"));
  CHECK_FALSE(found.front().remedy.empty());
}

TEST_CASE_METHOD(PublishedOwner, "Lineages with keys of their own share none") {
  enroll("mx");
  enroll("imap");
  CheckConfig config;
  config.shared_keys = false;
  CHECK(check_shared_keys(lineages(), config).empty());
}

TEST_CASE_METHOD(PublishedOwner, "Several records of one key are no second key to roll to") {
  presented = {new_chain()};
  publish({spki(presented.front()), spki(presented.front(), "3 1 2")});
  CHECK(has(FindingId::no_next_record));
  publish({spki(presented.front()), spki(presented.front(), "3 1 2"), record_of('a')});
  CHECK_FALSE(has(FindingId::no_next_record));
}
