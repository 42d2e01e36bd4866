#include "core/rollover/state_json.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

KeyId key(char digit) {
  return {std::string(64, digit), std::string(128, digit), KeyType::ecdsa_p256};
}

State full() {
  State state;
  state.name = "mx.example.com";
  state.current = CurrentKey{key('a'), 3, std::string(64, 'f'), at(9000).wall, at(1)};
  state.next = NextKey{key('b'), at(2)};
  state.candidates = {{key('c'), std::string(64, 'e'), at(0).wall, at(8000).wall, at(3), key('f')}};
  state.issuers = {{std::string(64, 'e'), std::string(128, 'f'), KeyType::rsa_4096}};
  state.retiring = {{test_owner(), record_of('d'), at(4)},
                    {test_owner(), record_of('e'), at(4), Served::never, at(5), key('e'), true}};
  state.past_keys = {std::string(64, 'd')};
  state.past_anchors = {std::string(64, 'c')};
  state.pending.reload_since = at(5);
  state.hook_error = "a hook \"failed\"\nwith two lines";
  const OwnerLook look = LookBuilder(at(6)).server("ns1.example.com", {record_of('a'), record_of('b')}).done();
  OwnerLook later = LookBuilder(at(7.25)).server("ns1.example.com", {record_of('a')}, Seconds{5}).done();
  return with_withdrawn(with_looks(with_looks(state, {look}), {later}), test_owner(), {record_of('d')});
}

}  // namespace

TEST_CASE("A state is read back as it was written, to the millisecond") {
  const State state = full();
  const auto read = read_state(write_state(state), "x.json");
  REQUIRE(read);
  CHECK(*read == state);
}

TEST_CASE("An empty state is read back as it was written") {
  State state;
  state.name = "x";
  CHECK(read_state(write_state(state), "x.json").value() == state);
}

TEST_CASE("A state of a later version is refused without the advice to move it away") {
  std::string later = write_state(full());
  later.replace(later.find("\"version\": 1"), 12, "\"version\": 2");
  const auto read = read_state(later, "/s/x.json");
  REQUIRE_FALSE(read);
  CHECK(read.error().what == "/s/x.json is of version 2, which a newer danectl wrote");
  CHECK(read.error().hint == "upgrade this danectl; nothing was touched");
}

TEST_CASE("A number that time cannot hold makes a state unreadable") {
  for (const std::string number : {"-9223372036854775808", "18446744073709551615", "1e300"}) {
    std::string bad = write_state(full());
    const auto from = bad.find("\"boot_ms\": ") + 11;
    bad.replace(from, bad.find(',', from) - from, number);
    INFO(number);
    CHECK_FALSE(read_state(bad, "/s/x.json"));
  }
}

TEST_CASE("A state that is cut short or of another shape is refused by name") {
  const std::string good = write_state(full());
  for (const std::string& bad : {good.substr(0, good.size() / 2), std::string("[]"), std::string()}) {
    const auto read = read_state(bad, "/s/x.json");
    REQUIRE_FALSE(read);
    CHECK(read.error().what.starts_with("/s/x.json is not a state danectl wrote: "));
  }
}

TEST_CASE("Ledgers of owners that are no longer looked at go") {
  OwnerLook other = LookBuilder(at(9)).server("ns1.example.com", {}).done();
  other.owner = name("_465._tcp.mx.example.com");
  const State state = with_looks(full(), {other});
  REQUIRE(state.ledgers.size() == 1);
  CHECK(state.ledgers.front().owner == other.owner);
}
