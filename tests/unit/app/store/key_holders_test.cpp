#include "app/store/key_holders.hpp"

#include "app/store/store.hpp"
#include "fakes/small_world.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

TEST_CASE_METHOD(SmallWorld, "The lineage is found that has or had a key, whatever its owners") {
  LineageConfig neighbour = enrolled();
  neighbour.name = "neighbour";
  neighbour.tlsa = {name("_25._tcp.neighbour.example.com")};
  settings.lineages.push_back(neighbour);
  REQUIRE(files.make_folder(state_dir() + "/lineages", 0755).ok());
  State state;
  state.name = neighbour.name;
  const KeyId current = new_material().chain.leaf().key;
  const KeyId next = new_material().chain.leaf().key;
  const KeyId old = new_material().chain.leaf().key;
  state.current = CurrentKey{current, 1, {}, {}, at(0)};
  state.next = NextKey{next, at(0)};
  state.known = {{old, KnownKey::Names::server, KnownKey::Deployed::once, at(0)}};
  REQUIRE(save_state(files, Paths(state_dir()), state).ok());
  const Workshop shop = this->shop();
  for (const KeyId& key : {current, next, old}) {
    CHECK(key_holders(shop).of(key) == "neighbour");
    CHECK(key_holders(shop).of(association_of(key, {3, 1, 2})) == "neighbour");
    CHECK(key_holders(shop).of(association_of(key, {2, 1, 1})).empty());
  }
  const KeyId strange = new_material().chain.leaf().key;
  CHECK(key_holders(shop).of(strange).empty());
  CHECK(key_holders(shop).of(association_of(strange, {3, 1, 1})).empty());
}
