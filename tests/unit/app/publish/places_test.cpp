#include "app/publish/places.hpp"

#include "app/publish/asking_servers.hpp"
#include "app/roll/observe.hpp"
#include "app/store/observe_files.hpp"
#include "app/store/store.hpp"
#include "fakes/deploy.hpp"
#include "fakes/small_world.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

const DnsName one = name("_25._tcp.mx1.example.com");
const DnsName other = name("_25._tcp.mx2.example.com");
const DnsName target = name("tlsa._dane.example.com");

// What each owner gives; of all others nothing is known.
struct OwnersResolver : Resolver {
  explicit OwnersResolver(const std::vector<OwnerLook>& the_looks) : looks(the_looks) {}
  Result<Look> look(const std::vector<DnsName>& owners) override {
    Look found{at(100), at(100), {}};
    for (const DnsName& owner : owners) {
      const OwnerLook* const known = look_of(looks, owner);
      found.owners.push_back(known != nullptr ? *known : no_answer(at(100)));
      found.owners.back().owner = owner;
    }
    return found;
  }
  const std::vector<OwnerLook>& looks;
};

// Two lineages with an owner each, both an alias of one name.
class Aliased : public SmallWorld {
 public:
  Aliased() {
    LineageConfig& first_lineage = settings.lineages.front();
    first_lineage.name = "one";
    first_lineage.tlsa = {one};
    LineageConfig second = first_lineage;
    second.name = "other";
    second.tlsa = {other};
    second.probe = {ProbeUrl::parse("smtp://mx2.example.com:25").value()};
    settings.lineages.push_back(second);
    world.resolver = [this](const Config&) { return std::make_unique<OwnersResolver>(looks); };
    REQUIRE(open_store(files, paths, short_wait).ok());
    REQUIRE(deploy(files, paths, settings.lineages[0], first).ok());
    REQUIRE(deploy(files, paths, settings.lineages[1], theirs).ok());
    give({spki(first), spki(theirs)});
  }
  static Association spki(const KeyAndChain& of) { return association_of(of.chain.leaf().key, {3, 1, 1}); }
  static OwnerLook alias(const DnsName& owner, const DnsName& end, const RRset& there) {
    OwnerLook made = LookBuilder(at(100)).server("ns1.example.com", {}).server("ns2.example.com", there).done();
    made.owner = owner;
    made.chain = {owner, end};
    made.answers[0].qname = owner;
    made.answers[0].cname = end;
    made.answers[1].qname = end;
    made.resolver_records = there;
    return made;
  }
  void give(const RRset& all) { looks = {alias(one, target, all), alias(other, target, all)}; }

  // As a call that looks at the owner of the first lineage finds them.
  std::vector<PlaceFact> places(const Workshop& here, Asker asker = Asker::unattended) {
    REQUIRE(look_at(here, {one}).ok());
    const Facts facts = observe_files(here, settings.lineages[0], State{.name = "one"}).value();
    auto found = places_of(here, settings.lineages[0], facts, asker);
    if (!found) FAIL(found.error().what);
    return *std::move(found);
  }
  PlaceFact place(const Workshop& here) {
    std::vector<PlaceFact> found = places(here);
    REQUIRE(found.size() == 1);
    return found.front();
  }
  // What a call of before saw of both.
  void look_at_both() {
    const Workshop before = shop();
    REQUIRE(look_at(before, {one, other}).ok());
    REQUIRE(before.book->save(files, paths).ok());
  }

  KeyAndChain theirs = new_material();
  std::vector<OwnerLook> looks;
  Paths paths{state_dir()};
};

}  // namespace

TEST_CASE_METHOD(Aliased, "Lineages whose owners lead to one name share it, as looks of now tell") {
  const Workshop here = shop();
  REQUIRE(look_at(here, {one, other}).ok());
  const PlaceFact found = place(here);
  CHECK(found.place.name == target);
  CHECK(found.owners == std::vector<DnsName>{one});
  REQUIRE(found.place.lineages.size() == 2);
  CHECK(found.place.lineages[0].name == "one");
  CHECK(found.place.lineages[1].presented.size() == 1);
  CHECK(found.foreign.empty());
  CHECK(probes_at(found.place).size() == 1);
}

TEST_CASE_METHOD(Aliased, "A lineage that was not looked at in this call is found by its ledger") {
  look_at_both();
  CHECK(place(shop()).place.lineages.size() == 2);
}

TEST_CASE_METHOD(Aliased, "A lineage that no ledger knows is found by a look at the rest") {
  const Workshop here = shop();
  CHECK(place(here).place.lineages.size() == 1);
  CHECK(place(here).foreign == RRset{spki(theirs)});
  REQUIRE(look_at_the_rest(here).ok());
  CHECK(place(here).place.lineages.size() == 2);
  CHECK(place(here).foreign.empty());
}

TEST_CASE_METHOD(Aliased, "Each lineage counts with the host of its own owner") {
  look_at_both();
  const PlaceFact found = place(shop());
  CHECK(found.place.lineages[0].presented.front().hosts == std::vector<std::string>{"mx1.example.com"});
  CHECK(found.place.lineages[1].presented.front().hosts == std::vector<std::string>{"mx2.example.com"});
}

TEST_CASE_METHOD(Aliased, "Lineages with names of their own share nothing") {
  const auto alone = [](const DnsName& owner, const Association& only) {
    OwnerLook made = LookBuilder(at(100)).server("ns1.example.com", {only}).done();
    made.owner = owner;
    made.chain = {owner};
    made.answers.front().qname = owner;
    return made;
  };
  looks = {alone(one, spki(first)), alone(other, spki(theirs))};
  look_at_both();
  const PlaceFact found = place(shop());
  CHECK(found.place.name == one);
  CHECK(found.place.lineages.size() == 1);
}

TEST_CASE_METHOD(Aliased,
                 "A state that cannot be read keeps the lineage on the name, as one of which nothing is known") {
  look_at_both();
  REQUIRE(files.write(paths.state("other"), "{", {}).ok());
  const PlaceFact found = place(shop());
  REQUIRE(found.place.lineages.size() == 2);
  CHECK(found.place.lineages[1].unreadable.find("what other has and presents is not known: ") == 0);
}

TEST_CASE_METHOD(Aliased, "An owner that gives no answer may lead there, and that is said each time it is asked") {
  looks.pop_back();
  const Workshop here = shop();
  REQUIRE(look_at(here, {one}).ok());
  for (int time = 0; time < 2; ++time) {
    const auto known = look_at_the_rest(here);
    REQUIRE_FALSE(known.ok());
    CHECK(known.error().kind == ErrorKind::not_yet);
  }
  give({spki(first)});
  const Workshop later = shop();
  REQUIRE(look_at(later, {one}).ok());
  CHECK(look_at_the_rest(later).ok());
}

TEST_CASE_METHOD(Aliased, "A server that is silent at the end of the alias leaves the place unanswered") {
  looks.front().answers.back().kind = ServerAnswer::Kind::unknown;
  looks.front().answers.back().why = "no answer within 5 s";
  const PlaceFact found = place(shop());
  REQUIRE(found.place.unanswered.size() == 1);
  CHECK(found.place.unanswered.front().server == "ns2.example.com (192.0.2.2)");
  CHECK_FALSE(found.plan.change);
}

TEST_CASE_METHOD(Aliased, "The TTL is that of the RRset, and where there is none the configured one") {
  CHECK(place(shop()).ttl == Seconds{60});
  give({});
  settings.config.publish.ttl = Seconds{7};
  CHECK(place(shop()).ttl == Seconds{7});
}

TEST_CASE_METHOD(Aliased, "The zone is the closest above the end of the alias") {
  CHECK(place(shop()).zone == name("example.com"));
  looks.front().zones.push_back({name("_dane.example.com"), {}, std::nullopt});
  CHECK(place(shop()).zone == name("_dane.example.com"));
  looks.front().zones = {{name("example.net"), {}, std::nullopt}};
  CHECK_FALSE(place(shop()).zone);
}

TEST_CASE_METHOD(Aliased,
                 "The record of an issuer goes by a person, or where probes cover the owner, which is no alias") {
  const Workshop here = shop();
  const auto issuers = [&](const DnsName& at_name, Asker asker) {
    Place where{.name = at_name};
    where.lineages = {{.name = "other", .probes = settings.lineages[1].probe}};
    return change_rule(here, where, asker).issuers;
  };
  using Issuers = ChangeRule::Issuers;
  CHECK(issuers(target, Asker::unattended) == Issuers::stay);
  CHECK(issuers(target, Asker::person) == Issuers::may_go);
  CHECK(issuers(one, Asker::unattended) == Issuers::stay);
  CHECK(issuers(other, Asker::unattended) == Issuers::may_go_where_probed);
}

TEST_CASE_METHOD(Aliased, "Where an alias of any lineage leads to a name its probes do not tell of every host") {
  settings.lineages[1].tlsa = {target};
  settings.lineages[1].probe.clear();
  OwnerLook straight = LookBuilder(at(100)).server("ns2.example.com", {spki(theirs)}).done();
  straight.owner = target;
  straight.chain = {target};
  straight.answers.front().qname = target;
  looks[1] = straight;
  CHECK(place(shop()).place.owners == Place::Owners::some_are_aliases);
}

TEST_CASE_METHOD(Aliased, "A probe of one address alone covers nobody") {
  Place where{.name = other};
  ProbeUrl url = settings.lineages[1].probe.front();
  url.address = "192.0.2.25";
  where.lineages = {{.name = "other", .probes = {url}}};
  CHECK(change_rule(shop(), where, Asker::unattended).issuers == ChangeRule::Issuers::stay);
}

TEST_CASE_METHOD(Aliased, "A hook sends one record at a time, the other methods all at once") {
  const auto method = [&](PublishMethod by) {
    settings.config.publish.method = by;
    return change_rule(shop(), Place{.name = target}, Asker::unattended).method;
  };
  CHECK(method(PublishMethod::hook) == ChangeRule::Method::one_at_a_time);
  CHECK(method(PublishMethod::nsupdate) == ChangeRule::Method::all_at_once);
  CHECK(method(PublishMethod::include) == ChangeRule::Method::all_at_once);
  CHECK(method(PublishMethod::print) == ChangeRule::Method::all_at_once);
}

TEST_CASE_METHOD(Aliased, "A server that cannot be asked is an objection that names it and why") {
  look_at_both();
  const Workshop here = shop();
  const Shown shown = ask_servers(here, place(here).place);
  CHECK(shown.with_sni.empty());
  REQUIRE(shown.unknown.size() == 1);
  CHECK(shown.unknown.front().server == "smtp://mx2.example.com:25 (192.0.2.25)");
  CHECK(shown.unknown.front().why == "connection refused");
}
