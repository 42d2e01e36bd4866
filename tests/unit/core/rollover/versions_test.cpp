#include "core/rollover/versions.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace danectl;

namespace {

const Association a = record_of('a');
const Association b = record_of('b');

Version version(RRset records, Seconds ttl = Seconds{60}) {
  return {.records = std::move(records), .ttl = ttl};
}

SeenAt one(double when, const RRset& records, Seconds ttl = Seconds{60}) {
  return LookBuilder(at(when)).server("ns1.example.com", records, ttl).done();
}

SeenAt two(double when, const RRset& first, const RRset& second) {
  return LookBuilder(at(when)).server("ns1.example.com", first).server("ns2.example.com", second).done();
}

Ledger after(const std::vector<SeenAt>& looks) {
  Ledger ledger{.name = test_owner()};
  for (const SeenAt& look : looks) ledger = after_look(std::move(ledger), look);
  return ledger;
}

// Until when a version was given; nothing: it has not ended, or is not known.
std::optional<Instant> ended(const Ledger& ledger, const Version& version) {
  for (const EndedVersion& one : ledger.ended) {
    if (one.version == version) return one.until.at;
  }
  return std::nullopt;
}

// The same for what was there before a server was first heard.
std::optional<Instant> unheard_until(const Ledger& ledger) {
  for (const EndedVersion& one : ledger.ended) {
    if (one.version.kind == Version::Kind::unheard) return one.until.at;
  }
  return std::nullopt;
}

const Version& last_of(const Ledger& ledger, const std::string& server) {
  const auto found = std::find_if(ledger.servers.begin(), ledger.servers.end(),
                                  [&](const ServerMemory& memory) { return memory.server == name(server); });
  REQUIRE(found != ledger.servers.end());
  return found->last;
}

}  // namespace

TEST_CASE("The first answer of a server ends what it gave before it was heard") {
  const Ledger ledger = after({one(5, {a})});
  CHECK(last_of(ledger, "ns1.example.com") == version({a}));
  CHECK(unheard_until(ledger) == at(5));
}

TEST_CASE("What was not heard counts for as long as the largest TTL that is known of the name") {
  const Ledger ledger = after({one(0, {a}, Seconds{3600}), one(10, {a}, Seconds{60})});
  REQUIRE(unheard_until(ledger));
  CHECK(ledger.ended.back().version.ttl == Seconds{3600});
}

TEST_CASE("A new name server may have given anything: that ends with its first answer") {
  const SeenAt more = LookBuilder(at(100)).server("ns1.example.com", {a}).server("ns3.example.com", {a}).done();
  CHECK(unheard_until(after({one(0, {a}), more})) == at(100));
}

TEST_CASE("A server that never gave a validated answer is remembered as unheard") {
  const SeenAt look = LookBuilder(at(0)).server("ns1.example.com", {a}).silent("ns2.example.com").done();
  const Ledger ledger = after({look});
  CHECK(last_of(ledger, "ns2.example.com").kind == Version::Kind::unheard);
  CHECK(standing_rrsets(ledger) == std::vector<RRset>{{a}});
}

TEST_CASE("A new address of a name that is known gives what that name gave last") {
  SeenAt moved = one(10, {b});
  moved.answers.front().address = "2001:db8::1";
  SeenAt silent = moved;
  silent.answers.front().kind = ServerAnswer::Kind::unknown;
  const Ledger ledger = after({one(0, {a}), silent});
  CHECK(ledger.servers.back().last == version({a}));
  CHECK(unheard_until(ledger) == at(0));
  CHECK(ended(after({one(0, {a}), moved}), version({a})) == at(10));
}

TEST_CASE("Another answer ends the version before, at the end of the look that found it") {
  const Ledger ledger = after({one(0, {a}), one(10, {b})});
  CHECK(ended(ledger, version({a})) == at(10));
  CHECK(last_of(ledger, "ns1.example.com") == version({b}));
}

TEST_CASE("The same records under another TTL are another version, for caches and not for servers") {
  const Ledger ledger = after({one(0, {a}, Seconds{3600}), one(10, {a}, Seconds{60})});
  CHECK(ended(ledger, version({a}, Seconds{3600})) == at(10));
  CHECK(standing_rrsets(ledger) == std::vector<RRset>{{a}});
  CHECK(same_but_ttl(version({a}), version({a}, Seconds{1})));
  CHECK_FALSE(same_but_ttl(version({a}), version({b})));
  CHECK_FALSE(same_but_ttl(version({a}), Version{.records = {a}, .from_wildcard = true}));
}

TEST_CASE("A version that ends, comes back and ends again was last given the second time") {
  const Ledger ledger = after({one(0, {a}), one(10, {b}), one(20, {a}), one(30, {b})});
  CHECK(ended(ledger, version({a})) == at(30));
  CHECK(std::count_if(ledger.ended.begin(), ledger.ended.end(),
                      [](const EndedVersion& one) { return one.version.records == RRset{a}; }) == 1);
}

TEST_CASE("Silence changes nothing, whatever it is that a server says instead of an answer") {
  const Ledger before = after({two(0, {a}, {a}), two(120, {a}, {a})});
  const SeenAt silent = LookBuilder(at(130)).server("ns1.example.com", {a}).silent("ns2.example.com").done();
  CHECK(after_look(before, silent) == before);
  CHECK(after_look(before, no_answer(at(130))) == before);
  SeenAt bogus = two(130, {b}, {b});
  bogus.dnssec = Dnssec::bogus;
  for (ServerAnswer& answer : bogus.answers) answer.kind = ServerAnswer::Kind::unknown;
  CHECK(after_look(before, bogus) == before);
}

TEST_CASE("Steady looks leave the ledger unchanged, so that nothing needs to be written") {
  const Ledger before = after({one(0, {a}), one(119, {a})});
  const Ledger over = after_look(before, one(120, {a}));
  CHECK(over != before);  // it is waited for
  CHECK(after_look(over, one(121, {a})) == over);
  // By some lineage for longer.
  const SeenAt look = one(121, {a});
  CHECK(after_look(over, look, {look.when}, Seconds{1000}) != over);
  // A new boot is noted once, so that time goes on in it.
  SeenAt booted = one(3000, {a});
  booted.when.boot_id = "boot-2";
  const Ledger anew = after_look(over, booted);
  CHECK(anew != over);
  booted.when.since_boot += Seconds{10};
  CHECK(after_look(anew, booted) == anew);
}

TEST_CASE("A server that left gives what it gave last for as long as caches know the old delegation") {
  const Ledger left = after({two(0, {a}, {b}), one(10, {a}), one(3609, {a})});
  REQUIRE(left.servers.size() == 2);
  CHECK(left.servers.back().left->at == at(10));
  CHECK_FALSE(ended(left, version({b})));
  CHECK(standing_rrsets(left) == std::vector<RRset>{{a}});
  const Ledger gone = after_look(left, one(3610, {a}));
  CHECK(gone.servers.size() == 1);
  CHECK(ended(gone, version({b})) == at(3610));
}

TEST_CASE("The longest TTL of a delegation that was seen counts, though it was lowered before the server left") {
  const auto with_ttl = [](double when, Seconds ttl) {
    return LookBuilder(at(when))
        .server("ns1.example.com", {a})
        .server("ns2.example.com", {b})
        .delegation_ttl(ttl)
        .done();
  };
  const Ledger ledger =
      after({with_ttl(0, Seconds{86400}), with_ttl(10, Seconds{60}), one(20, {a}), one(20 + 86399, {a})});
  CHECK(ledger.servers.size() == 2);
  CHECK(after_look(ledger, one(20 + 86400, {a})).servers.size() == 1);
}

TEST_CASE("While the parent does not tell whom it delegates to, no server has left; once it is not asked, they have") {
  SeenAt mute = one(10, {a});
  ServerAnswer parent = mute.answers.front();
  parent.kind = ServerAnswer::Kind::unknown;
  parent.server = parent.zone;
  parent.address.clear();
  mute.answers.push_back(parent);
  CHECK(after({two(0, {a}, {b}), mute}).servers == after({two(0, {a}, {b})}).servers);
  mute.answers.back().kind = ServerAnswer::Kind::left_out;
  CHECK(after({two(0, {a}, {b}), mute}).servers.back().left->at == at(10));
}

TEST_CASE("One that the parent alone named has not left while a server of the parent is silent, which may name it") {
  SeenAt both = two(0, {a}, {b});
  both.answers.back().by_parent_alone = true;
  SeenAt silent = one(10, {a});
  silent.zones.front().delegation = Delegation{name("com"), {}, false};
  const Ledger ledger = after({both, silent});
  CHECK_FALSE(ledger.servers.back().left);
  SeenAt whole = one(20, {a});
  whole.zones.front().delegation = Delegation{name("com"), {}, true};
  CHECK(after_look(ledger, whole).servers.back().left->at == at(20));
  // One that the zone named as well left when the zone said so.
  CHECK(after({two(0, {a}, {b}), silent}).servers.back().left->at == at(10));
}

TEST_CASE("A server that comes back within that time never left") {
  const Ledger ledger = after({two(0, {a}, {b}), one(10, {a}), two(20, {a}, {b}), one(30, {a})});
  CHECK(ledger.servers.back().left->at == at(30));
}

TEST_CASE("A server that is left out counts as one that left, and one that was never heard is none") {
  const auto left_out = [](double when) {
    return LookBuilder(at(when)).server("ns1.example.com", {a}).left_out("ns2.example.com").done();
  };
  CHECK(after({left_out(0)}).servers.size() == 1);
  CHECK(after({two(0, {a}, {b}), left_out(10)}).servers.back().left->at == at(10));
}

TEST_CASE("A server whose addresses could not be found has not left") {
  SeenAt look = LookBuilder(at(10)).server("ns1.example.com", {a}).silent("ns2.example.com").done();
  look.answers.back().address.clear();
  const Ledger ledger = after({two(0, {a}, {b}), look});
  REQUIRE(ledger.servers.size() == 2);
  CHECK_FALSE(ledger.servers.back().left);
}

TEST_CASE("An alias is a version of the name, with the TTL of the CNAME") {
  SeenAt look = one(10, {});
  look.answers.front().cname = name("tlsa.example.net");
  look.answers.front().ttl = Seconds{7200};
  const Ledger ledger = after({one(0, {a}), look});
  const Version alias = last_of(ledger, "ns1.example.com");
  CHECK(alias.kind == Version::Kind::alias);
  CHECK(alias.alias == name("tlsa.example.net"));
  CHECK(alias.ttl == Seconds{7200});
  CHECK(standing_rrsets(ledger).empty());
  CHECK(ended(after_look(ledger, one(20, {a})), alias) == at(20));
}

TEST_CASE("What the resolver answers counts while it answers that, and one that is not secure says nothing") {
  const SeenAt cached = LookBuilder(at(10)).server("ns1.example.com", {a}).resolver_has({b}).done();
  Ledger ledger = after({cached});
  CHECK(ledger.resolver->records == RRset{b});
  SeenAt bogus = one(20, {a});
  bogus.dnssec = Dnssec::bogus;
  CHECK(after_look(ledger, bogus).resolver->records == RRset{b});
  CHECK(after_look(ledger, one(20, {a})).resolver->records == RRset{a});
}

TEST_CASE("Of versions that no cache holds any more the newest fifty are kept") {
  std::vector<SeenAt> looks;
  for (int i = 0; i < 70; ++i) looks.push_back(one(i * 1000, {a}, Seconds{i + 1}));
  const Ledger ledger = after(looks);
  CHECK(ledger.ended.size() == 50);
  CHECK(ended(ledger, version({a}, Seconds{69})));
  CHECK_FALSE(ended(ledger, version({a}, Seconds{10})));
}

TEST_CASE("A version that caches may hold is kept, however many there are") {
  std::vector<SeenAt> looks{one(0, {b}, Seconds{86400})};
  for (int i = 1; i < 70; ++i) looks.push_back(one(i * 1000, {a}, Seconds{i}));
  CHECK(ended(after(looks), version({b}, Seconds{86400})) == at(1000));
}

TEST_CASE("A version counts for two TTLs after it was last given, or for min_hold if that is longer") {
  CHECK(hold_down(Seconds{60}, Seconds{0}) == Seconds{120});
  CHECK(hold_down(Seconds{60}, Seconds{600}) == Seconds{600});
  CHECK(hold_down(Seconds{0}, Seconds{0}) == Seconds{0});
}
