#include "system/dns/dns_message.hpp"

#include "fakes/dns_wire.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

#include <arpa/nameser.h>

using namespace danectl;

namespace {

const std::string digest(64, 'a');

DnsName name(std::string_view text) {
  return DnsName::parse(text).value();
}

Bytes record(std::string_view owner, unsigned type, const Bytes& rdata) {
  // The TTL on the wire is what a cache has left of it: never what is read.
  return wire(owner) + u16(type) + u16(ns_c_in) + u32(1) + u16(static_cast<unsigned>(rdata.size())) + rdata;
}

Bytes signature(std::string_view owner, unsigned covered, std::uint32_t ttl, std::string_view signer,
                std::uint32_t ends = 0, std::uint8_t labels = 5) {
  return record(owner, ns_t_rrsig,
                u16(covered) + Bytes{13, labels} + u32(ttl) + u32(ends) + u32(0) + u16(7) + wire(signer) + u32(0));
}

Bytes tlsa(std::string_view owner, const std::string& hex = digest) {
  return record(owner, ns_t_tlsa, Bytes{3, 1, 1} + from_hex(hex).value());
}

Bytes soa(std::string_view owner, std::uint32_t minimum) {
  return record(
      owner, ns_t_soa,
      wire("ns.example.com") + wire("hostmaster.example.com") + u32(1) + u32(2) + u32(3) + u32(4) + u32(minimum));
}

Bytes message(const std::vector<Bytes>& answer, const std::vector<Bytes>& authority = {}) {
  Bytes packet = u16(0x1234) + u16(0x8180) + u16(1) + u16(static_cast<unsigned>(answer.size())) +
                 u16(static_cast<unsigned>(authority.size())) + u16(0) + wire("_25._tcp.mx.example.com") +
                 u16(ns_t_tlsa) + u16(ns_c_in);
  for (const Bytes& bytes : answer) packet = packet + bytes;
  for (const Bytes& bytes : authority) packet = packet + bytes;
  return packet;
}

constexpr std::string_view owner = "_25._tcp.mx.example.com";

constexpr unsigned authoritative = 0x8400;

Bytes plain_answer(unsigned flags, std::string_view asked, unsigned type, const std::vector<Bytes>& answer = {}) {
  Bytes packet = u16(0x1234) + u16(flags) + u16(1) + u16(static_cast<unsigned>(answer.size())) + u16(0) + u16(0) +
                 wire(asked) + u16(type) + u16(ns_c_in);
  for (const Bytes& bytes : answer) packet = packet + bytes;
  return packet;
}

PlainQuery soa_query() {
  return {0x1234, name("example.com"), ns_t_soa};
}

Bytes positive() {
  return message({tlsa(owner), signature(owner, ns_t_tlsa, 3600, "example.com")});
}

}  // namespace

TEST_CASE("the TTL of an answer is the original TTL of its signature, its zone the signer") {
  const auto read = read_tlsa_message(positive(), name(owner));
  REQUIRE(read.ok());
  REQUIRE(read->links.size() == 1);
  CHECK(read->links[0].name == name(owner));
  CHECK(read->links[0].zone == name("example.com"));
  CHECK(read->links[0].ttl == Seconds{3600});
  CHECK_FALSE(read->links[0].cname);
  REQUIRE(read->records.size() == 1);
  CHECK(read->records[0].text() == "3 1 1 " + digest);
}

TEST_CASE("the records of an answer are sorted, each once") {
  const std::string other(64, '1');
  const auto read = read_tlsa_message(
      message({tlsa(owner), tlsa(owner, other), tlsa(owner), signature(owner, ns_t_tlsa, 60, "example.com")}),
      name(owner));
  REQUIRE(read.ok());
  REQUIRE(read->records.size() == 2);
  CHECK(read->records[0].hex == other);
  CHECK(read->records[1].hex == digest);
}

TEST_CASE("of several signatures over an RRset the largest original TTL counts") {
  const auto read = read_tlsa_message(
      message({signature(owner, ns_t_tlsa, 60, "example.com"), tlsa(owner),
               signature(owner, ns_t_tlsa, 7200, "example.com"), signature(owner, ns_t_tlsa, 5, "example.com")}),
      name(owner));
  REQUIRE(read.ok());
  CHECK(read->links[0].ttl == Seconds{7200});
}

TEST_CASE("of several signatures over an RRset the latest end counts, as seconds since 1970") {
  const auto read =
      read_tlsa_message(message({tlsa(owner), signature(owner, ns_t_tlsa, 60, "example.com", 4'000'000'000),
                                 signature(owner, ns_t_tlsa, 60, "example.com", 1'800'000'000)}),
                        name(owner));
  REQUIRE(read.ok());
  CHECK(read->links[0].signature_ends == WallTime{Seconds{4'000'000'000}});
}

TEST_CASE("neither an alias nor an absence has an end of the signature of the RRset") {
  const auto read = read_tlsa_message(
      message({record(owner, ns_t_cname, wire("gone.example.net")),
               signature(owner, ns_t_cname, 100, "example.com", 1'800'000'000)},
              {soa("example.net", 60), signature("example.net", ns_t_soa, 60, "example.net", 1'800'000'000)}),
      name(owner));
  REQUIRE(read.ok());
  CHECK_FALSE(read->links[0].signature_ends);
  CHECK_FALSE(read->links[1].signature_ends);
}

TEST_CASE("an RRset came from a wildcard when its signature has fewer labels than its name") {
  const auto [labels, expected] = GENERATE(table<std::uint8_t, bool>({{5, false}, {4, true}, {2, true}, {0, true}}));
  const auto read =
      read_tlsa_message(message({tlsa(owner), signature(owner, ns_t_tlsa, 60, "example.com", 0, labels)}), name(owner));
  REQUIRE(read.ok());
  CHECK(read->links[0].from_wildcard == expected);
}

TEST_CASE("a record at the exact name is not from a wildcard whatever the depth of the name") {
  const auto [exact, labels] = GENERATE(table<std::string, std::uint8_t>({{"com", 1}, {"a.b.c.d.example.com", 6}}));
  const auto read =
      read_tlsa_message(message({tlsa(exact), signature(exact, ns_t_tlsa, 60, "com", 0, labels)}), name(exact));
  REQUIRE(read.ok());
  CHECK_FALSE(read->links[0].from_wildcard);
}

TEST_CASE("of several signatures one with fewer labels tells of a wildcard, in any order") {
  const Bytes exact = signature(owner, ns_t_tlsa, 60, "example.com", 0, 5);
  const Bytes shorter = signature(owner, ns_t_tlsa, 60, "example.com", 0, 4);
  for (const auto& [one, other] : {std::pair(exact, shorter), std::pair(shorter, exact)}) {
    const auto read = read_tlsa_message(message({tlsa(owner), one, other}), name(owner));
    REQUIRE(read.ok());
    CHECK(read->links[0].from_wildcard);
  }
}

TEST_CASE("neither an alias of a wildcard nor an absence tells of a wildcard, the RRset behind an alias does") {
  const Bytes alias = record(owner, ns_t_cname, wire("a.example.net"));
  const Bytes over_alias = signature(owner, ns_t_cname, 60, "example.com", 0, 3);
  const auto to_records = read_tlsa_message(message({alias, over_alias, tlsa("a.example.net"),
                                                     signature("a.example.net", ns_t_tlsa, 60, "example.net", 0, 2)}),
                                            name(owner));
  REQUIRE(to_records.ok());
  CHECK_FALSE(to_records->links[0].from_wildcard);
  CHECK(to_records->links[1].from_wildcard);

  const auto to_nothing =
      read_tlsa_message(message({alias, over_alias},
                                {soa("example.net", 60), signature("example.net", ns_t_soa, 60, "example.net", 0, 2)}),
                        name(owner));
  REQUIRE(to_nothing.ok());
  CHECK_FALSE(to_nothing->links[0].from_wildcard);
  CHECK_FALSE(to_nothing->links[1].from_wildcard);
}

TEST_CASE("names are compared without regard to case") {
  const auto read = read_tlsa_message(
      message({tlsa("_25._TCP.MX.example.COM"), signature(owner, ns_t_tlsa, 60, "EXAMPLE.com")}), name(owner));
  REQUIRE(read.ok());
  CHECK(read->links[0].zone == name("example.com"));
}

TEST_CASE("a CNAME chain is followed through its zones in any order of the records") {
  const auto read = read_tlsa_message(
      message({tlsa("t.example.net"), signature("t.example.net", ns_t_tlsa, 300, "example.net"),
               record("a.example.com", ns_t_cname, wire("t.example.net")),
               signature("a.example.com", ns_t_cname, 200, "example.com"),
               signature(owner, ns_t_cname, 100, "example.com"), record(owner, ns_t_cname, wire("a.example.com"))}),
      name(owner));
  REQUIRE(read.ok());
  REQUIRE(read->links.size() == 3);
  CHECK(read->links[0].cname == name("a.example.com"));
  CHECK(read->links[0].ttl == Seconds{100});
  CHECK(read->links[1].cname == name("t.example.net"));
  CHECK(read->links[1].zone == name("example.com"));
  CHECK(read->links[2].zone == name("example.net"));
  CHECK(read->links[2].ttl == Seconds{300});
  CHECK(read->records.size() == 1);
}

TEST_CASE("a CNAME made from a DNAME has the zone and the TTL of the DNAME") {
  const auto read = read_tlsa_message(
      message({record("mx.example.com", ns_t_dname, wire("mx.example.net")),
               signature("mx.example.com", ns_t_dname, 900, "example.com"),
               record(owner, ns_t_cname, wire("_25._tcp.mx.example.net")), tlsa("_25._tcp.mx.example.net"),
               signature("_25._tcp.mx.example.net", ns_t_tlsa, 300, "example.net")}),
      name(owner));
  REQUIRE(read.ok());
  REQUIRE(read->links.size() == 2);
  CHECK(read->links[0].zone == name("example.com"));
  CHECK(read->links[0].ttl == Seconds{900});
}

TEST_CASE("a negative answer has the zone of its SOA and the smaller of the SOA's TTL and minimum") {
  const auto [ttl, minimum, expected] =
      GENERATE(table<std::uint32_t, std::uint32_t, int>({{3600, 900, 900}, {300, 900, 300}}));
  const auto read = read_tlsa_message(
      message({}, {soa("example.com", minimum), signature("example.com", ns_t_soa, ttl, "example.com")}), name(owner));
  REQUIRE(read.ok());
  CHECK(read->records.empty());
  CHECK(read->links[0].zone == name("example.com"));
  CHECK(read->links[0].ttl == Seconds{expected});
}

TEST_CASE("an alias may lead to where nothing is") {
  const auto read = read_tlsa_message(
      message({record(owner, ns_t_cname, wire("gone.example.net")), signature(owner, ns_t_cname, 100, "example.com")},
              {soa("example.net", 60), signature("example.net", ns_t_soa, 60, "example.net")}),
      name(owner));
  REQUIRE(read.ok());
  REQUIRE(read->links.size() == 2);
  CHECK(read->links[1].zone == name("example.net"));
  CHECK(read->records.empty());
}

TEST_CASE("records at names that no DnsName can hold are passed over") {
  const auto read =
      read_tlsa_message(message({}, {record(std::string_view("\0.example.com", 13), ns_t_nsec, wire("x.example.com")),
                                     soa("example.com", 60), signature("example.com", ns_t_soa, 60, "example.com")}),
                        name(owner));
  CHECK(read.ok());
}

TEST_CASE("an answer that does not hang together is an error, not a guess") {
  const std::vector<std::pair<std::string, Bytes>> cases{
      {"the answer cannot be read: no signature at _25._tcp.mx.example.com", message({tlsa(owner)})},
      {"the answer cannot be read: neither data nor a SOA for _25._tcp.mx.example.com", message({})},
      {"the answer cannot be read: neither data nor a SOA for _25._tcp.mx.example.com",
       message({}, {soa("example.net", 60), signature("example.net", ns_t_soa, 60, "example.net")})},
      {"the answer cannot be read: no signature at example.com", message({}, {soa("example.com", 60)})},
      {"the answer cannot be read: a SOA below its zone at mx.example.com",
       message({}, {soa("mx.example.com", 60), signature("mx.example.com", ns_t_soa, 60, "example.com")})},
      {"the answer cannot be read: _25._tcp.mx.example.com is signed by example.net",
       message({tlsa(owner), signature(owner, ns_t_tlsa, 60, "example.net")})},
      {"the answer cannot be read: _25._tcp.mx.example.com is signed by com",
       message({tlsa(owner), signature(owner, ns_t_tlsa, 60, "example.com"), signature(owner, ns_t_tlsa, 60, "com")})},
      {"the answer cannot be read: _25._tcp.mx.example.com has two aliases",
       message({record(owner, ns_t_cname, wire("a.example.com")), record(owner, ns_t_cname, wire("b.example.com")),
                signature(owner, ns_t_cname, 60, "example.com")})},
      {"the answer cannot be read: the aliases of _25._tcp.mx.example.com have no end",
       message({record(owner, ns_t_cname, wire(owner)), signature(owner, ns_t_cname, 60, "example.com")})},
      {"the answer cannot be read: not a DNS message", Bytes{1, 2, 3}},
  };
  for (const auto& [what, packet] : cases) {
    const auto read = read_tlsa_message(packet, name(owner));
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().what == what);
  }
}

TEST_CASE("a message cut short anywhere is an error") {
  const Bytes whole =
      message({record(owner, ns_t_cname, wire("gone.example.net")), signature(owner, ns_t_cname, 100, "example.com")},
              {soa("example.net", 60), signature("example.net", ns_t_soa, 60, "example.net")});
  REQUIRE(read_tlsa_message(whole, name(owner)).ok());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    // Its own allocation, so that reading past the end is seen by the sanitizer.
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    CHECK_FALSE(read_tlsa_message(part, name(owner)).ok());
  }
}

TEST_CASE("the name servers of a zone are those it signs itself") {
  const Bytes packet = message({record("example.com", ns_t_ns, wire("ns2.example.net")),
                                record("example.com", ns_t_ns, wire("NS1.example.com")),
                                signature("example.com", ns_t_ns, 86400, "example.com")});
  const auto read = read_ns_message(packet, name("example.com"));
  REQUIRE(read.ok());
  CHECK(read->servers == std::vector{name("ns1.example.com"), name("ns2.example.net")});
  CHECK(read->ttl == Seconds{86400});
}

TEST_CASE("NS records that another zone signs are an error") {
  const Bytes packet = message({record("mx.example.com", ns_t_ns, wire("ns2.example.net")),
                                signature("mx.example.com", ns_t_ns, 60, "example.com")});
  const auto read = read_ns_message(packet, name("mx.example.com"));
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().what == "the answer cannot be read: mx.example.com is no zone of its own");
}

TEST_CASE("an answer without NS records is an error") {
  CHECK_FALSE(read_ns_message(message({}), name("example.com")).ok());
}

TEST_CASE("an alias is read from the answer to a question for it, and only from one of that name") {
  const Bytes packet = message({record(owner, ns_t_cname, wire("tlsa.example.net"))});
  CHECK(read_alias(packet, name(owner)) == name("tlsa.example.net"));
  CHECK_FALSE(read_alias(packet, name("tlsa.example.net")));
  CHECK_FALSE(read_alias(positive(), name(owner)));
  CHECK_FALSE(read_alias(Bytes{1, 2, 3}, name(owner)));
}

TEST_CASE("the aliases of a host are read up to where they lead, without signatures too") {
  const Bytes packet = message({record("b.example.net", ns_t_cname, wire("c.example.net")),
                                record("mx.example.com", ns_t_cname, wire("b.example.net"))});
  CHECK(read_aliases(packet, name("mx.example.com")) ==
        std::vector{name("mx.example.com"), name("b.example.net"), name("c.example.net")});
  CHECK(read_aliases(packet, name("c.example.net")).empty());
  CHECK(read_aliases({}, name("mx.example.com")).empty());
}

TEST_CASE("aliases in a circle come to an end") {
  const Bytes packet = message({record("a.example.com", ns_t_cname, wire("a.example.com"))});
  CHECK(read_aliases(packet, name("a.example.com")).size() < 100);
}

TEST_CASE("an MX record is read from its octets") {
  const auto record = [](const Bytes& rdata) { return read_mx(std::string(rdata.begin(), rdata.end())); };
  const auto mx = record(u16(0x010a) + wire("MX.example.com"));
  REQUIRE(mx);
  CHECK(mx->preference == 266);
  CHECK(mx->exchange == name("mx.example.com"));
  CHECK(record(u16(0) + wire("."))->exchange == DnsName{});  // RFC 7505: no mail
  CHECK_FALSE(record(u16(10)));
  CHECK_FALSE(record(u16(10) + Bytes{2, 'm', 'x'}));
  CHECK_FALSE(record(u16(10) + Bytes{0xc0, 0x0c}));
}

TEST_CASE("an MX record that names what can be no host shows it in printable characters") {
  const Bytes rdata = u16(10) + Bytes{3, 'a', 0x1b, 'b', 0};
  const auto mx = read_mx(std::string(rdata.begin(), rdata.end()));
  REQUIRE(mx);
  CHECK_FALSE(mx->exchange);
  CHECK(mx->text == "a\\027b");
}

TEST_CASE("a plain answer tells its code, its authority and the serial of the zone") {
  const auto answer =
      read_plain_answer(plain_answer(authoritative, "EXAMPLE.com", ns_t_soa, {soa("example.com", 60)}), soa_query());
  REQUIRE(answer);
  CHECK(answer->rcode == ns_r_noerror);
  CHECK(answer->authoritative);
  CHECK(answer->records == 1);
  CHECK(answer->serial == 1U);
}

TEST_CASE("the serial of another zone is not taken") {
  const auto answer =
      read_plain_answer(plain_answer(authoritative, "example.com", ns_t_soa, {soa("com", 60)}), soa_query());
  REQUIRE(answer);
  CHECK_FALSE(answer->serial);
}

TEST_CASE("a denial is an answer with its code and without authority when it has none") {
  const auto answer = read_plain_answer(plain_answer(0x8003, "example.com", ns_t_soa), soa_query());
  REQUIRE(answer);
  CHECK(answer->rcode == ns_r_nxdomain);
  CHECK_FALSE(answer->authoritative);
  CHECK(answer->records == 0);
}

TEST_CASE("an answer that did not fit says so") {
  CHECK(read_plain_answer(plain_answer(0x8600, "example.com", ns_t_soa), soa_query())->truncated);
  CHECK_FALSE(read_plain_answer(plain_answer(authoritative, "example.com", ns_t_soa), soa_query())->truncated);
}

TEST_CASE("what is no answer to the query is passed over") {
  const PlainQuery query = soa_query();
  PlainQuery other_id = query;
  other_id.id = 0x1235;
  CHECK_FALSE(read_plain_answer(plain_answer(authoritative, "example.com", ns_t_soa), other_id));
  CHECK_FALSE(read_plain_answer(plain_answer(authoritative, "example.net", ns_t_soa), query));
  CHECK_FALSE(read_plain_answer(plain_answer(authoritative, "example.com", ns_t_ns), query));
  CHECK_FALSE(read_plain_answer(plain_answer(0x0400, "example.com", ns_t_soa), query));  // a question
  const Bytes no_question = u16(0x1234) + u16(authoritative) + u32(0) + u32(0);
  CHECK_FALSE(read_plain_answer(no_question, query));
}

TEST_CASE("a refusal need not repeat the question") {
  const auto answer = read_plain_answer(u16(0x1234) + u16(0x8005) + u32(0) + u32(0), soa_query());
  REQUIRE(answer);
  CHECK(answer->rcode == ns_r_refused);
}

TEST_CASE("a plain answer cut short anywhere has no serial, or is none") {
  const Bytes whole = plain_answer(authoritative, "example.com", ns_t_soa, {soa("example.com", 60)});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    const auto answer = read_plain_answer(part, soa_query());
    CHECK_FALSE((answer && answer->serial));
  }
}
