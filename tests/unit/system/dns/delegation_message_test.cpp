#include "system/dns/delegation_message.hpp"

#include "fakes/dns_wire.hpp"

#include <catch2/catch.hpp>

#include <string_view>

#include <arpa/nameser.h>

using namespace danectl;

namespace {

DnsName name(std::string_view text) {
  return DnsName::parse(text).value();
}

Bytes record(std::string_view owner, unsigned type, std::uint32_t ttl, const Bytes& rdata) {
  return wire(owner) + u16(type) + u16(ns_c_in) + u32(ttl) + u16(static_cast<unsigned>(rdata.size())) + rdata;
}
Bytes ns(std::string_view server, std::uint32_t ttl = 3600) {
  return record("example.com", ns_t_ns, ttl, wire(server));
}
Bytes glue(std::string_view server, std::uint8_t last, std::uint32_t ttl = 600) {
  return record(server, ns_t_a, ttl, {192, 0, 2, last});
}
Bytes signature(std::string_view owner, unsigned covered, std::uint32_t ttl, std::string_view signer) {
  return record(owner, ns_t_rrsig, 1,
                u16(covered) + Bytes{13, 2} + u32(ttl) + u32(0) + u32(0) + u16(7) + wire(signer) + u32(0));
}
Bytes soa(std::string_view zone) {
  return record(zone, ns_t_soa, 60, wire("ns.example.com") + wire("hostmaster.example.com") + Bytes(20, 0));
}

Bytes message(const std::vector<Bytes>& answer, const std::vector<Bytes>& authority = {},
              const std::vector<Bytes>& additional = {}) {
  Bytes packet = u16(0x1234) + u16(0x8000) + u16(1);
  for (const auto* section : {&answer, &authority, &additional}) {
    packet = packet + u16(static_cast<unsigned>(section->size()));
  }
  packet = packet + wire("example.com") + u16(ns_t_ns) + u16(ns_c_in);
  for (const auto* section : {&answer, &authority, &additional}) {
    for (const Bytes& bytes : *section) packet = packet + bytes;
  }
  return packet;
}

std::optional<std::vector<NamedServer>> delegation(const Bytes& packet) {
  return read_delegation(packet, name("example.com"), name("com"));
}

}  // namespace

TEST_CASE("A referral names the servers of the zone, with their glue and what caches keep them for") {
  const auto read = delegation(message({}, {ns("ns2.example.com"), ns("ns1.example.com", 7200)},
                                       {glue("ns1.example.com", 1), glue("ns1.example.com", 2, 900)}));
  REQUIRE(read);
  REQUIRE(read->size() == 2);
  CHECK(read->front().name == name("ns1.example.com"));
  CHECK(read->front().ttl == Seconds{7200});
  CHECK(read->front().glue == std::map<std::string, Seconds>{{"192.0.2.1", Seconds{600}}, {"192.0.2.2", Seconds{900}}});
  CHECK(read->back().glue.empty());
}

TEST_CASE("A server of the parent that serves the zone as well names its servers in the answer") {
  const auto read = delegation(message({ns("ns1.example.com")}));
  REQUIRE(read);
  CHECK(read->size() == 1);
}

TEST_CASE("NS records of other names, and addresses of other hosts, are none of the delegation") {
  const auto read = delegation(message({}, {record("com", ns_t_ns, 60, wire("a.nic.com")), ns("ns1.example.com")},
                                       {glue("a.nic.com", 9), glue("ns1.example.com", 1)}));
  REQUIRE(read);
  REQUIRE(read->size() == 1);
  CHECK(read->front().glue.size() == 1);
}

TEST_CASE("Glue for a name outside of the parent no resolver takes") {
  const auto read = delegation(message({}, {ns("ns.example.net")}, {glue("ns.example.net", 1)}));
  REQUIRE(read);
  CHECK(read->front().glue.empty());
}

TEST_CASE("A TTL that is not signed counts for a week at most") {
  const auto read =
      delegation(message({}, {ns("ns1.example.com", 0xffffffff)}, {glue("ns1.example.com", 1, 0x7fffffff)}));
  REQUIRE(read);
  CHECK(read->front().ttl == longest_unsigned_ttl);
  CHECK(read->front().glue.begin()->second == longest_unsigned_ttl);
}

TEST_CASE("A referral that is cut short, or names a server that cannot be read, tells nothing") {
  Bytes cut = message({}, {ns("ns1.example.com")}, {glue("ns1.example.com", 1)});
  cut.pop_back();
  CHECK_FALSE(delegation(cut));
  CHECK_FALSE(delegation(message({}, {ns("ns1.example.com"), ns("n s.example.com")})));
  CHECK_FALSE(delegation({}));
}

TEST_CASE("No NS record of the zone is no server") {
  const auto read = delegation(message({}, {soa("com")}));
  REQUIRE(read);
  CHECK(read->empty());
}

TEST_CASE("The parent is who signed the DS records, or whose SOA denies them") {
  const Bytes ds = record("example.com", ns_t_ds, 60, Bytes(36, 1));
  CHECK(read_parent(message({ds, signature("example.com", ns_t_ds, 60, "com")}), name("example.com")) == name("com"));
  CHECK(read_parent(message({}, {soa("com")}), name("example.com")) == name("com"));
  CHECK(read_parent(message({}, {record("", ns_t_soa, 60, wire("") + wire("") + Bytes(20, 0))}), name("com")) ==
        DnsName{});
}

TEST_CASE("The zone itself, and one beside it, is not its parent") {
  CHECK_FALSE(read_parent(message({signature("example.com", ns_t_ds, 60, "example.com")}), name("example.com")));
  CHECK_FALSE(read_parent(message({signature("example.com", ns_t_a, 60, "com")}), name("example.com")));
  CHECK_FALSE(read_parent(message({}, {soa("example.com"), soa("net")}), name("example.com")));
  CHECK_FALSE(read_parent({}, name("example.com")));
}

TEST_CASE("The TTL of a signed address is that which its servers give it") {
  CHECK(read_longest_ttl(message({glue("ns1.example.com", 1, 5)})) == Seconds{5});
  CHECK(read_longest_ttl(message({glue("ns1.example.com", 1, 5), signature("ns1.example.com", ns_t_a, 900, "com")})) ==
        Seconds{900});
  CHECK(read_longest_ttl({}) == Seconds{0});
}

TEST_CASE("The name servers of a zone are those of its own NS records") {
  CHECK(read_name_servers(message({ns("ns1.example.com"), ns("ns2.example.com")}), name("example.com")).size() == 2);
  CHECK(read_name_servers(message({ns("ns1.example.com")}), name("com")).empty());
}
