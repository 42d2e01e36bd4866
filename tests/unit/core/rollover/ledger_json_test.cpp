#include "core/rollover/ledger_json.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

Ledger full() {
  const RRset ab{record_of('a'), record_of('b')};
  const Version alias{.kind = Version::Kind::alias, .alias = name("tlsa.example.net"), .ttl = Seconds{7}};
  const Version unheard{.kind = Version::Kind::unheard, .ttl = Seconds{3600}};
  Ledger ledger{.name = test_owner()};
  ledger.servers = {
      {name("ns1.example.com"), "192.0.2.1", {.records = ab, .ttl = Seconds{60}}, Seconds{86400}, true, {}},
      {name("ns2.example.com"), "2001:db8::1", alias, Seconds{0}, false, counted(at(7.25), {at(8.5)})},
      {name("ns3.example.com"), "192.0.2.3", unheard, Seconds{1}, false, {}}};
  ledger.ended = {{unheard, at(1)},
                  {{.records = {}, .ttl = Seconds{900}}, at(2.125)},
                  {{.records = ab, .from_wildcard = true, .ttl = Seconds{5}}, at(3)},
                  // Published by others, and of no use.
                  {{.records = {Association{{3, 1, 1}, ""}, Association{{9, 8, 7}, "ab"}}, .ttl = Seconds{5}}, at(4)}};
  ledger.asked = {{ab, Seconds{60}, {{}, {record_of('a')}}}};
  ledger.resolver = Version{.records = {record_of('a')}};
  ledger.came_back = true;
  return ledger;
}

void replace(std::string& text, const std::string& what, const std::string& by) {
  REQUIRE(text.find(what) != std::string::npos);
  text.replace(text.find(what), what.size(), by);
}

}  // namespace

TEST_CASE("A ledger is read back as it was written, to the millisecond") {
  const auto read = read_ledger(write_ledger(full()), "x.json");
  if (!read) FAIL(read.error().what);
  CHECK(*read == full());
}

TEST_CASE("A ledger that knows nothing is read back as it was written") {
  const Ledger empty{.name = test_owner()};
  CHECK(read_ledger(write_ledger(empty), "x.json").value() == empty);
}

TEST_CASE("A ledger after a look, an update that was asked for and a backup is read back the same") {
  Ledger ledger =
      after_look(Ledger{.name = test_owner()},
                 LookBuilder(at(0)).server("ns1.example.com", {record_of('a')}).silent("ns2.example.com").done());
  ledger = with_asked(ledger, {record_of('b')}, Seconds{60}, standing_rrsets(ledger));
  CHECK(read_ledger(write_ledger(ledger), "x.json").value() == ledger);
  ledger = after_backup(ledger, at(10));
  CHECK(read_ledger(write_ledger(ledger), "x.json").value() == ledger);
}

TEST_CASE("A ledger of a later version is refused without the advice to move it away") {
  std::string later = write_ledger(full());
  replace(later, "\"version\": 1", "\"version\": 2");
  const auto read = read_ledger(later, "/s/x.json");
  REQUIRE_FALSE(read);
  CHECK(read.error().what == "/s/x.json is of version 2, which a newer danectl wrote");
  CHECK(read.error().hint == "upgrade this danectl; nothing was touched");
}

TEST_CASE("A ledger that is cut short or of another shape is refused by name") {
  const std::string good = write_ledger(full());
  for (const std::string& bad : {good.substr(0, good.size() / 2), std::string("[]"), std::string()}) {
    const auto read = read_ledger(bad, "/s/x.json");
    REQUIRE_FALSE(read);
    CHECK(read.error().what.find("/s/x.json") == 0);
    CHECK_FALSE(read.error().hint.empty());
  }
}

TEST_CASE("A ledger in which one value is amiss is refused whole") {
  for (const auto& [what, by] :
       std::vector<std::pair<std::string, std::string>>{{"\"ttl\": 60", "\"ttl\": -1"},
                                                        {"\"ttl\": 60", "\"ttl\": 4294967296"},
                                                        {"\"alias\": \"tlsa.example.net\"", "\"alias\": \"..\""},
                                                        {"\"came_back\": true", "\"came_back\": \"yes\""},
                                                        {"\"asked\"", "\"ask\""},
                                                        {"3 1 1 aaaa", "3 1 one aaaa"}}) {
    std::string bad = write_ledger(full());
    replace(bad, what, by);
    INFO(by);
    CHECK_FALSE(read_ledger(bad, "/s/x.json"));
  }
}

TEST_CASE("A moment before the boot that an older danectl wrote as negative counts from the boot") {
  std::string older = write_ledger(full());
  const auto from = older.find("\"boot_ms\": ") + 11;
  older.replace(from, older.find(',', from) - from, "-95000");
  const auto read = read_ledger(older, "x.json");
  if (!read) FAIL(read.error().what);
  CHECK(read->servers[1].left->at.since_boot == Milliseconds{0});
}

TEST_CASE("What is written after a reboot can be read again, however long ago a version ended") {
  const auto look = [](const Instant& when, char digit) {
    return LookBuilder(when).server("ns1.example.com", {record_of(digit)}).done();
  };
  Ledger ledger = after_look(after_look(Ledger{.name = test_owner()}, look(at(0), 'a')), look(at(10), 'b'));
  Instant rebooted = at(10'000, "boot-2");
  rebooted.since_boot = Seconds{60};
  ledger = after_look(ledger, look(rebooted, 'b'));
  const auto read = read_ledger(write_ledger(ledger), "x.json");
  if (!read) FAIL(read.error().what);
  CHECK(*read == ledger);
}

TEST_CASE("A moment of an earlier version, which counted nothing, counts from itself") {
  std::string older = write_ledger(full());
  for (auto from = older.find(",\n    \"counted_ms\""); from != std::string::npos;
       from = older.find(",\n    \"counted_ms\"")) {
    older.erase(from, older.find('}', from) + 1 - from);
  }
  REQUIRE(older.find("counted") == std::string::npos);
  const auto read = read_ledger(older, "x.json");
  if (!read) FAIL(read.error().what);
  CHECK(read->servers[1].left == at(7.25));
  CHECK(read->ended[1].until == at(2.125));
}
