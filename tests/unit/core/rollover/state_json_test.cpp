#include "core/rollover/state_json.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace danectl;

namespace {

KeyId key(char digit) {
  return {std::string(64, digit), std::string(128, digit), KeyType::ecdsa_p256};
}

State full() {
  using Seen = PresentedGeneration::Seen;
  using Word = PresentedGeneration::Word;
  State state;
  state.name = "mx.example.com";
  state.current = CurrentKey{key('a'), 3, std::string(64, 'f'), at(9000).wall, at(1), key('f')};
  state.presented = {{1, Seen::live, at(4.125), Word::given}, {3, Seen::live}, {4}};
  state.next = NextKey{key('b'), at(2), key('f')};
  state.candidates = {{key('c'), std::string(64, 'e'), at(0).wall, at(8000).wall, at(3), key('f'), "folder"}};
  state.issuers = {{std::string(64, 'e'), std::string(128, 'f'), KeyType::rsa_4096}};
  state.known = {{key('a'), KnownKey::Names::server, KnownKey::Deployed::once, std::nullopt},
                 {key('d'), KnownKey::Names::server, KnownKey::Deployed::never, at(7.25)},
                 {key('f'), KnownKey::Names::issuer, KnownKey::Deployed::once, std::nullopt}};
  state.pending = {at(5), at(6), at(7), at(9)};
  state.ca_refusals = Refusals{3, at(8)};
  state.hook_error = "a hook \"failed\"\nwith two lines";
  state.publish_error = "REFUSED";
  return state;
}

void replace(std::string& text, const std::string& what, const std::string& by) {
  REQUIRE(text.find(what) != std::string::npos);
  text.replace(text.find(what), what.size(), by);
}

// As danectl 0.x wrote it: the ledgers of its owners were in it, and retiring records.
std::string of_version_1() {
  const std::string instant = R"({"wall": "2030-01-01T00:00:05.000Z", "boot_ms": 3605000, "boot": "boot-1"})";
  const auto key_json = [](char digit) {
    return R"({"sha256": ")" + std::string(64, digit) + R"(", "sha512": ")" + std::string(128, digit) +
           R"(", "type": "ecdsa-p256"})";
  };
  return R"({"version": 1, "name": "mx.example.com", "current": {"key": )" + key_json('a') +
         R"(, "generation": 3, "fingerprint": "ff", "not_after": "2030-03-01T00:00:00.000Z", "since": )" + instant +
         R"(}, "next": {"key": )" + key_json('b') + R"(, "staged_at": )" + instant +
         R"(}, "candidates": [], "retiring": [{"owner": "_25._tcp.mx.example.com", "record": "3 1 1 )" +
         std::string(64, 'c') + R"(", "since": )" + instant + R"(, "served": true, "reloaded_at": null, "key": )" +
         key_json('c') + R"(}, {"owner": "_25._tcp.mx.example.com", "record": "2 1 1 )" + std::string(64, 'd') +
         R"(", "since": )" + instant + R"(, "served": false, "reloaded_at": null, "key": )" + key_json('d') +
         R"(}, {"owner": "_25._tcp.mx.example.com", "record": "3 1 1 )" + std::string(64, 'e') + R"(", "since": )" +
         instant +
         R"(, "served": true, "reloaded_at": null}], "past_keys": [], "ledgers": [], "reload_pending_since": null, )" +
         R"("certbot_hooks_pending_since": null, "stage_pending_since": null, "hook_error": ""})";
}

}  // namespace

TEST_CASE("What differs between two states is told as old and new") {
  const State before = full();
  CHECK(differences(before, before).empty());
  State after = before;
  after.publish_error = "SERVFAIL";
  after.current->generation = 4;
  after.next.reset();
  const std::vector<std::string> lines = differences(before, after);
  const auto has = [&](const std::string& line) { return std::find(lines.begin(), lines.end(), line) != lines.end(); };
  CHECK(has("/publish_error: \"REFUSED\" -> \"SERVFAIL\""));
  CHECK(has("/current/generation: 3 -> 4"));
  CHECK(has("/next/key/sha256: \"" + std::string(64, 'b') + "\" -> nothing"));
}

TEST_CASE("A state is read back as it was written, to the millisecond") {
  const State state = full();
  const auto read = read_state(write_state(state), "x.json");
  if (!read) FAIL(read.error().what);
  CHECK(*read == state);
}

TEST_CASE("An empty state is read back as it was written") {
  State state;
  state.name = "x";
  CHECK(read_state(write_state(state), "x.json").value() == state);
}

TEST_CASE("A state of version 1 is read, with what it knows of keys and as older than the files") {
  const auto read = read_state(of_version_1(), "x.json");
  if (!read) FAIL(read.error().what);
  CHECK(read->current->key == key('a'));
  CHECK(read->current->generation == 3);
  CHECK(read->next->key == key('b'));
  CHECK(read->presented.empty());
  // The key of the last record was not in it.
  CHECK(read->known == std::vector<KnownKey>{{key('c'), KnownKey::Names::server, KnownKey::Deployed::once, at(5)},
                                             {key('d'), KnownKey::Names::issuer, KnownKey::Deployed::never, at(5)}});
}

TEST_CASE("A state of a later version is refused without the advice to move it away") {
  std::string later = write_state(full());
  replace(later, "\"version\": 2", "\"version\": 3");
  const auto read = read_state(later, "/s/x.json");
  REQUIRE_FALSE(read);
  CHECK(read.error().what == "/s/x.json is of version 3, which a newer danectl wrote");
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

TEST_CASE("A state in which one value is amiss is refused whole") {
  for (const auto& [what, by] :
       std::vector<std::pair<std::string, std::string>>{{"\"names\": \"issuer\"", "\"names\": \"nobody\""},
                                                        {"\"live\": true", "\"live\": 1"},
                                                        {"\"copy\": \"folder\"", "\"copy\": \"../elsewhere\""},
                                                        {"\"copy\": \"folder\"", "\"copy\": \"..\""},
                                                        {"\"known\"", "\"unknown\""},
                                                        {"\"generation\": 3", "\"generation\": -1"}}) {
    std::string bad = write_state(full());
    replace(bad, what, by);
    INFO(by);
    CHECK_FALSE(read_state(bad, "/s/x.json"));
  }
}
