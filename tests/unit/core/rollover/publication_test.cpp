#include "core/rollover/publication.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

KeyId key(char digit) {
  return {std::string(64, digit), std::string(128, digit), KeyType::ecdsa_p256};
}

struct Wanting {
  Wanting() {
    lineage.name = "mx.example.com";
    lineage.tlsa = {test_owner()};
    state.current = CurrentKey{key('a'), 1, "a", at(9000).wall, at(0)};
    state.next = NextKey{key('b'), at(0)};
  }
  Additions ask(const OwnerLook& look) { return additions({{lineage, state}}, {look}, Seconds{300}); }
  LineageConfig lineage;
  State state;
};

OwnerLook published(const RRset& records) {
  return LookBuilder(at(0)).server("ns1.example.com", records, Seconds{77}).done();
}

}  // namespace

TEST_CASE("What is there is not added again, and the TTL of the RRset is kept") {
  Wanting world;
  const Additions found = world.ask(published({record_of('a'), record_of('f')}));
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes.front().add == std::vector<Association>{record_of('b')});
  CHECK(found.changes.front().ttl == Seconds{77});
  CHECK(found.changes.front().before == RRsetChange::Before::dane_is_on);
  CHECK(world.ask(published({record_of('a'), record_of('b')})).changes.empty());
}

TEST_CASE("The current key's records come first, in every group of the profile") {
  Wanting world;
  world.lineage.profile = {Group{3, 1, 1}, Group{3, 1, 2}};
  const Additions found = world.ask(published({}));
  REQUIRE(found.changes.size() == 1);
  const auto& add = found.changes.front().add;
  REQUIRE(add.size() == 4);
  CHECK(add[0] == record_of('a'));
  CHECK(add[1] == record("3 1 2 " + std::string(128, 'a')));
  CHECK(found.changes.front().ttl == Seconds{300});
}

TEST_CASE("With the first usable record DANE is switched on") {
  Wanting world;
  CHECK(world.ask(published({})).changes.front().before == RRsetChange::Before::dane_is_off);
  const Association unusable = record("1 1 1 " + std::string(64, 'f'));
  CHECK(world.ask(published({unusable})).changes.front().before == RRsetChange::Before::dane_is_off);
}

TEST_CASE("Beside records of SHA-512 alone the first of SHA-256 switches DANE on for senders that do not know those") {
  Wanting world;
  const Association sha512 = record("3 1 2 " + std::string(128, 'a'));
  const auto before = [&](const RRset& records) { return world.ask(published(records)).changes.front().before; };
  CHECK(before({sha512}) == RRsetChange::Before::dane_is_on_by_sha512);
  CHECK(before({record_of('a'), sha512}) == RRsetChange::Before::dane_is_on);
  world.lineage.profile = {Group{3, 1, 2}};
  CHECK(before({sha512}) == RRsetChange::Before::dane_is_on);
}

TEST_CASE("A record that one server lacks is missing, and known to be partly there") {
  Wanting world;
  const OwnerLook look = LookBuilder(at(0))
                             .server("ns1.example.com", {record_of('a'), record_of('b')})
                             .server("ns2.example.com", {record_of('a')})
                             .done();
  const Additions found = world.ask(look);
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes.front().add == std::vector<Association>{record_of('b')});
  CHECK(found.changes.front().partly_there == found.changes.front().add);
}

TEST_CASE("Where nobody answered nothing is added, and that is said") {
  Wanting world;
  const Additions found = world.ask(no_answer(at(0)));
  CHECK(found.changes.empty());
  REQUIRE(found.unanswered.size() == 1);
  CHECK(found.unanswered.front().find("_25._tcp.mx.example.com: ") == 0);
}

TEST_CASE("A retiring record is put back while a server may need it, one of a key never served is not") {
  Wanting world;
  world.state.retiring = {{test_owner(), record_of('c'), at(0), Served::perhaps, std::nullopt, std::nullopt},
                          {test_owner(), record_of('d'), at(0), Served::never, std::nullopt, std::nullopt}};
  const Additions found = world.ask(published({record_of('a'), record_of('b')}));
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes.front().add == std::vector<Association>{record_of('c')});
}

TEST_CASE("A published record that no lineage of the owner wants is foreign") {
  Wanting world;
  State other_state;
  other_state.current = CurrentKey{key('c'), 1, "c", at(9000).wall, at(0)};
  const auto found = foreign_records({{world.lineage, world.state}, {world.lineage, other_state}},
                                     {published({record_of('a'), record_of('c'), record_of('f')})});
  REQUIRE(found.size() == 1);
  CHECK(found.front().association == record_of('f'));
}

TEST_CASE("A retiring record is put back where it is missing, but not once danectl has deleted it") {
  Wanting world;
  world.state.retiring = {{test_owner(), record_of('d'), at(0)}};
  const RRset steady{record_of('a'), record_of('b')};
  const RRset with_it{record_of('a'), record_of('b'), record_of('d')};
  const OwnerLook slow = LookBuilder(at(0)).server("ns1.example.com", steady).server("ns2.example.com", with_it).done();
  REQUIRE(world.ask(slow).changes.size() == 1);
  CHECK(world.ask(slow).changes.front().add == std::vector<Association>{record_of('d')});
  world.state = with_looks(world.state, {published(with_it)});
  world.state = with_withdrawn(world.state, test_owner(), {record_of('d')});
  CHECK(world.ask(slow).changes.empty());
  CHECK(foreign_records({{world.lineage, world.state}}, {slow}).empty());
  world.state = with_looks(world.state, {slow});
  CHECK(world.state.retiring.size() == 1);
  // Not where an alias leads now.
  OwnerLook elsewhere = published(with_it);
  elsewhere.chain = {test_owner(), name("tlsa.example.com")};
  for (ServerAnswer& answer : elsewhere.answers) answer.qname = elsewhere.canonical();
  CHECK(with_looks(world.state, {elsewhere}).retiring.size() == 1);
  // No server has it at last, though one may still present its key: a person decided that.
  world.state = with_looks(world.state, {published(steady)});
  CHECK(world.state.retiring.empty());
  CHECK(world.ask(published(steady)).changes.empty());
}

TEST_CASE("A digest that is left of retiring keys stays complete in what is printed") {
  Wanting world;
  const auto sha512 = [](char digit) { return record("3 1 2 " + std::string(128, digit)); };
  world.state.retiring = {{test_owner(), record_of('d'), at(0), Served::perhaps, std::nullopt, key('d')},
                          {test_owner(), sha512('d'), at(0), Served::perhaps, std::nullopt, key('d')},
                          {test_owner(), record_of('e'), at(0), Served::perhaps, std::nullopt, key('e')}};
  const auto printed = [&](const RRset& there) {
    const std::vector<LineageWants> wants{{world.lineage, world.state}};
    const std::vector<OwnerLook> looks{published(there)};
    std::vector<WantedRRset> rrsets = wanted_rrsets(wants, looks, Seconds{60});
    drop_what_goes(rrsets, wants);
    drop_what_would_begin_a_kind(rrsets, wants, looks);
    add_digests_that_are_left(rrsets, wants, looks);
    RRset records;
    for (const WantedRecord& record : rrsets.front().records) {
      if (record.association.group.mtype == 2) records.push_back(record.association);
    }
    std::sort(records.begin(), records.end());
    return records;
  };
  const RRset sha256{record_of('a'), record_of('b'), record_of('d'), record_of('e')};
  const auto with = [&](const RRset& more) {
    RRset all = sha256;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  CHECK(printed(with({sha512('a'), sha512('d')})) == RRset{sha512('a'), sha512('d')});
  CHECK(printed(with({sha512('d')})) == RRset{sha512('a'), sha512('d')});
  const RRset all{sha512('a'), sha512('b'), sha512('d'), sha512('e')};
  CHECK(printed(with(all)) == all);
  CHECK(printed(sha256).empty());
  // What goes does not come back by it.
  world.state.retiring.front().decided = true;
  world.state = with_withdrawn(with_looks(world.state, {published(with(all))}), test_owner(), {sha512('e')});
  CHECK(printed(with(all)) == RRset{sha512('a'), sha512('b'), sha512('d')});
  world.state.retiring[1].decided = true;
  world.state.retiring.push_back({test_owner(), sha512('c'), at(0), Served::perhaps, std::nullopt, key('c')});
  const RRset more{sha512('a'), sha512('b'), sha512('c'), sha512('d'), sha512('e')};
  CHECK(printed(with(more)) == RRset{sha512('a'), sha512('b'), sha512('c')});
}

TEST_CASE("A retiring record that a person let go is not put back, and not taken for foreign") {
  Wanting world;
  world.state.retiring = {{test_owner(), record_of('d'), at(0)}};
  world.state.retiring.front().decided = true;
  CHECK(world.ask(published({record_of('a'), record_of('b')})).changes.empty());
  // Nobody let it go that retires it for another lineage.
  State other = world.state;
  other.retiring.front().decided = false;
  CHECK(additions({{world.lineage, world.state}, {world.lineage, other}}, {published({record_of('a'), record_of('b')})},
                  Seconds{300})
            .changes.size() == 1);
  const OwnerLook there = published({record_of('a'), record_of('b'), record_of('d')});
  CHECK(foreign_records({{world.lineage, world.state}}, {there}).empty());
}

TEST_CASE("What danectl has deleted and wants again is published anew, though every server still gives it") {
  Wanting world;
  const OwnerLook look = published({record_of('a'), record_of('b')});
  world.state = with_withdrawn(with_looks(world.state, {look}), test_owner(), {record_of('b')});
  REQUIRE(world.ask(look).changes.size() == 1);
  CHECK(world.ask(look).changes.front().add == std::vector<Association>{record_of('b')});
  CHECK(world.ask(look).changes.front().partly_there.empty());
  world.state = with_published(world.state, test_owner(), {record_of('b')});
  CHECK(world.ask(look).changes.empty());
}

TEST_CASE("A retiring record of a digest that the profile no longer has is not the first of its kind") {
  Wanting world;
  const auto sha512 = [](char digit) { return record("3 1 2 " + std::string(128, digit)); };
  world.state.retiring = {{test_owner(), sha512('d'), at(0)}};
  CHECK(world.ask(published({record_of('a'), record_of('b')})).changes.empty());
  const OwnerLook has_others = published({record_of('a'), record_of('b'), sha512('a')});
  REQUIRE(world.ask(has_others).changes.size() == 1);
  CHECK(world.ask(has_others).changes.front().add == std::vector<Association>{sha512('d')});
}
