#include "app/publish/sharing.hpp"

#include "app/store/store.hpp"
#include "core/rollover/publication.hpp"
#include "core/rollover/retirement.hpp"
#include "fakes/small_world.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

// Two lineages with an owner each, both an alias of one name.
class Aliased : public SmallWorld {
 public:
  Aliased() {
    settings.lineages.front().name = "one";
    settings.lineages.front().tlsa = {one};
    LineageConfig second = settings.lineages.front();
    second.name = "other";
    second.tlsa = {other};
    second.probe = {ProbeUrl::parse("smtp://mx2.example.com:25").value()};
    settings.lineages.push_back(second);
    REQUIRE(open_store(files, Paths(state_dir()), short_wait).ok());
    State state;
    state.name = "other";
    state.current = CurrentKey{new_material().chain.leaf().key, 1, {}, {}, at(0)};
    record = association_of(state.current->key, Group{});
    state.retiring = {{other, record_of('b'), at(0)}};
    state.ledgers = {ledger(other)};
    REQUIRE(save_state(files, Paths(state_dir()), state).ok());
  }
  OwnerLedger ledger(const DnsName& owner) {
    OwnerLedger made;
    made.owner = owner;
    made.chain = {owner, target};
    made.visible = {{record, at(0)}};
    return made;
  }
  OwnerLook look(const DnsName& owner) {
    OwnerLook made = LookBuilder(at(100)).server("ns1.example.com", {record}).done();
    made.owner = owner;
    made.chain = {owner, target};
    return made;
  }

  const DnsName one = name("_25._tcp.mx1.example.com");
  const DnsName other = name("_25._tcp.mx2.example.com");
  const DnsName target = name("tlsa._dane.example.com");
  Association record = record_of('a');
};

}  // namespace

TEST_CASE_METHOD(Aliased, "Lineages whose owners lead to one name share it, as looks of now tell") {
  const Workshop here = shop();
  here.aliases->note({look(one), look(other)});
  const auto sharing = Sharing::on(here, {one});
  REQUIRE(sharing.ok());
  REQUIRE(sharing->wants().size() == 2);
  CHECK(sharing->probes().size() == 1);
  CHECK(foreign_records(sharing->wants(), {look(one)}).empty());
}

TEST_CASE_METHOD(Aliased, "A lineage that was not looked at is found by its ledger") {
  const Workshop here = shop();
  here.aliases->note({look(one)});
  const auto sharing = Sharing::on(here, {one});
  REQUIRE(sharing.ok());
  REQUIRE(sharing->wants().size() == 2);
  const State& state = sharing->wants().back().state;
  CHECK(ledger_of(state, one).visible == ledger(one).visible);
  CHECK(state.retiring.size() == 2);
}

TEST_CASE_METHOD(Aliased, "The record of a lineage that is there by an alias is not foreign to be deleted") {
  const Workshop here = shop();
  here.aliases->note({look(one)});
  const auto sharing = Sharing::on(here, {one});
  REQUIRE(sharing.ok());
  const std::vector<OwnerLook> looks{look(one)};
  State state;
  state.name = "one";
  const RetirementInput input{settings.lineages.front(), state,   sharing->wants(), looks,
                              RetireRule::by_a_person,   nullptr, at(100)};
  const Retirement asked = foreign_retirement(input, one, record);
  CHECK(asked.verdict == Retirement::Verdict::held);
  CHECK(asked.why == "it is a record of other, and wanted");
}

TEST_CASE_METHOD(Aliased, "Lineages with names of their own share nothing") {
  const Workshop here = shop();
  OwnerLook alone = look(one);
  alone.chain = {one};
  here.aliases->note({alone});
  const auto sharing = Sharing::on(here, {one});
  REQUIRE(sharing.ok());
  CHECK(sharing->wants().size() == 1);
}

TEST_CASE_METHOD(Aliased, "A state that cannot be read keeps no other lineage from being known") {
  REQUIRE(files.write(Paths(state_dir()).state("other"), "{", {}).ok());
  const Workshop here = shop();
  CHECK(Sharing::on(here, {one}).ok());
}

TEST_CASE_METHOD(Aliased, "An owner that gives no answer may lead there, and that is said each time it is asked") {
  dns_down = true;
  const Workshop here = shop();
  here.aliases->note({look(one)});
  for (int time = 0; time < 2; ++time) {
    const auto known = look_at_the_rest(here);
    REQUIRE_FALSE(known.ok());
    CHECK(known.error().kind == ErrorKind::not_yet);
  }
  dns_down = false;
  const Workshop later = shop();
  later.aliases->note({look(one)});
  CHECK(look_at_the_rest(later).ok());
}
