// The base domain of an owner is an alias: what senders find where it leads (RFC 7672 section 2.2.3) counts, too.
#include "core/keys/pem_blocks.hpp"
#include "core/rollover/question.hpp"
#include "fakes/looks.hpp"
#include "fakes/published_owner.hpp"
#include "fakes/test_ca.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace danectl;

namespace {

using Kind = Objection::Kind;

const DnsName host = name("mx.example.com");
const DnsName end = name("box.example.net");
const DnsName expanded = name("_25._tcp.box.example.net");

// The same look at another name.
SeenAt renamed(SeenAt look, const DnsName& to) {
  look.owner = to;
  look.chain = {to};
  for (ServerAnswer& answer : look.answers) answer.qname = to;
  return look;
}

SeenAt answer(const DnsName& asked, double when, const RRset& records, Seconds ttl = Seconds{60}) {
  return renamed(LookBuilder(at(when)).server("ns1.example.com", records, ttl).done(), asked);
}

// A chain whose record stands at its owner, whose base domain is an alias.
class BelowAlias {
 public:
  BelowAlias() { see_all(0); }

  void see(const SeenAt& look) {
    for (const DnsName& one : look.chain) {
      ledgers.try_emplace(one, Ledger{.name = one});
      ledgers[one] = after_look(ledgers[one], look);
    }
    std::erase_if(looks, [&](const OwnerLook& known) { return known.owner == look.owner; });
    looks.push_back(look);
  }
  // All three names, in one look.
  void see_all(double when, const RRset& at_expanded = {}) {
    SeenAt of_owner = answer(test_owner(), when, {own});
    of_owner.host_is_alias = true;
    see(of_owner);
    see(alias_look(when, host, end, {}));
    see(answer(expanded, when, at_expanded));
  }
  [[nodiscard]] Objections deploy(double now) const {
    return may_deploy({ledgers, looks, at(now)}, rule, {"the chain", KnownChain{shared(chain)}}, at(now).wall);
  }

  Ledgers ledgers;
  std::vector<OwnerLook> looks;
  DeployRule rule{{test_owner()}, {{3, 1, 1}}, Seconds{0}};
  Chain chain = new_chain();
  Association own = spki(chain);
};

}  // namespace

TEST_CASE_METHOD(BelowAlias,
                 "Where nothing stands at the expanded name, senders go on to the owner, and so does a chain") {
  see_all(1000);
  CHECK(deploy(1000).empty());
}

TEST_CASE_METHOD(BelowAlias, "A chain that does not pass what stands at the expanded name is not deployed") {
  see_all(1000, {record_of('a')});
  see_all(2000, {record_of('a')});
  const Objections against = deploy(2000);
  REQUIRE(against.size() == 2);  // what the server gives, and what the resolver of this host gives
  CHECK(against.front().kind == Kind::fails);
  CHECK(against.front().owner == expanded);
  CHECK(against.front().alias == host);
  CHECK(given_where_alias_leads(against) == &against.front());
  see_all(3000, {record_of('a'), own});
  CHECK_FALSE(deploy(3119).empty());  // caches
  CHECK(given_where_alias_leads(deploy(3119)) == nullptr);
  CHECK(deploy(3120).empty());
}

TEST_CASE_METHOD(BelowAlias, "What is no record that senders can use there stands against nothing") {
  see_all(1000, {spki(chain, "1 1 1")});
  CHECK(deploy(2000).empty());
}

TEST_CASE_METHOD(BelowAlias, "What stood at the expanded name counts until caches have let go of the alias") {
  see_all(1000, {record_of('a')});
  see_all(2000, {record_of('a')});
  see(answer(test_owner(), 3000, {own}));
  see(answer(host, 3000, {}));
  CHECK_FALSE(deploy(3119).empty());
  CHECK(deploy(3120).empty());
}

TEST_CASE_METHOD(BelowAlias, "An alias out of what is signed leads no sender that checks anywhere") {
  see_all(1000, {record_of('a')});
  see_all(2000, {record_of('a')});
  SeenAt insecure = renamed(no_answer(at(3000)), host);
  insecure.dnssec = Dnssec::insecure;
  insecure.chain.clear();
  see(insecure);
  ledgers[host] = after_loss_of_signatures(ledgers[host], at(3000));
  CHECK_FALSE(deploy(3119).empty());
  CHECK(deploy(3120).empty());
}

TEST_CASE_METHOD(BelowAlias, "A server that does not say where the alias leads, or what stands there, forbids it") {
  see_all(1000);
  for (const DnsName& asked : {host, expanded}) {
    const auto before = looks;
    see(renamed(LookBuilder(at(2000)).silent("ns1.example.com").done(), asked));
    const Objections against = deploy(2000);
    REQUIRE_FALSE(against.empty());
    for (const Objection& one : against) {
      CHECK(one.kind == Kind::silent);
      CHECK(one.alias == host);
    }
    looks = before;
  }
}

TEST_CASE_METHOD(BelowAlias, "Where it is not known whether the base domain is an alias, nothing is deployed") {
  see_all(1000);
  for (OwnerLook& look : looks) {
    if (look.owner == test_owner()) look.host_unknown = "the resolver answers SERVFAIL for mx.example.com";
  }
  const Objections against = deploy(1000);
  REQUIRE(against.size() == 1);
  CHECK(against.front().why ==
        "what mx.example.com has in DNS is not known: the resolver answers SERVFAIL for mx.example.com");
}

TEST_CASE_METHOD(BelowAlias, "The base domain and the expanded owner are among the names that count") {
  CHECK(names_that_count(ledgers, test_owner(), at(1)) == std::vector<DnsName>{test_owner(), host, end, expanded});
  CHECK(names_that_count({}, test_owner(), at(1)) == std::vector<DnsName>{test_owner()});
}

TEST_CASE_METHOD(BelowAlias, "One of the lineage's own owners is no other for being the end of an alias") {
  rule.owners.push_back(expanded);
  see_all(1000, {own});
  see_all(2000, {own});
  CHECK(deploy(2000).empty());
  see_all(3000, {});
  CHECK_FALSE(deploy(5000).empty());  // an owner wants a record
}

TEST_CASE_METHOD(BelowAlias, "The deployed chain fails where the alias leads") {
  const auto fails = [&](double now) {
    return fails_where_alias_leads({ledgers, looks, at(now)}, rule, {"it", KnownChain{shared(chain)}}, std::nullopt);
  };
  see_all(1000);
  CHECK_FALSE(fails(1000));
  see_all(2000, {record_of('a')});
  REQUIRE(fails(2000));
  CHECK(fails(2000)->owner == expanded);
  see_all(3000, {record_of('a'), own});
  CHECK_FALSE(fails(3000));
}

TEST_CASE_METHOD(BelowAlias, "By what stands at the expanded name, too, a renewed chain is adopted") {
  const std::string key = test_key();
  const auto issued_by = [&](const TestCa& ca) {
    return parse_chain(ca.issue({"mx.example.com", "box.example.net"}, key, at(0).wall, at(1'000'000).wall)).value();
  };
  const TestCa ca;
  const Chain deployed = issued_by(ca);
  const Chain other_issuer = issued_by(TestCa());
  see_all(1000, {association_of(deployed.certificates[1].key, {2, 1, 1})});
  see_all(2000, {association_of(deployed.certificates[1].key, {2, 1, 1})});
  CHECK(may_adopt(ledgers, rule, issued_by(ca), deployed, at(2000), at(2000).wall).empty());
  const Objections against = may_adopt(ledgers, rule, other_issuer, deployed, at(2000), at(2000).wall);
  REQUIRE_FALSE(against.empty());
  CHECK(against.front().owner == expanded);
}
