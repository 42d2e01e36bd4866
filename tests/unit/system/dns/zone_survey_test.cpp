#include "system/dns/zone_survey.hpp"

#include "fakes/dns_wire.hpp"

#include <catch2/catch.hpp>

#include <arpa/nameser.h>

using namespace danectl;

namespace {

DnsName name(const std::string& text) {
  return DnsName::parse(text).value();
}

const std::string owner = "_25._tcp.mx.example.com";

Bytes record(std::string_view at, unsigned type, const Bytes& rdata) {
  return wire(at) + u16(type) + u16(ns_c_in) + u32(1) + u16(static_cast<unsigned>(rdata.size())) + rdata;
}
Bytes soa() {
  return record("example.com", ns_t_soa,
                wire("ns.example.com") + wire("hostmaster.example.com") + Bytes(16, 0) + u32(300));
}
Bytes signature(std::string_view at, unsigned covered, std::uint8_t labels) {
  return record(at, ns_t_rrsig,
                u16(covered) + Bytes{13, labels} + u32(3600) + u32(0) + u32(0) + u16(7) + wire("example.com") + u32(0));
}

Reply reply(Reply::Kind kind, const std::vector<Bytes>& answer, const std::vector<Bytes>& authority) {
  Reply made;
  made.kind = kind;
  made.packet = u16(0x1234) + u16(0x8180) + u16(1) + u16(static_cast<unsigned>(answer.size())) +
                u16(static_cast<unsigned>(authority.size())) + u16(0) + wire(owner) + u16(ns_t_tlsa) + u16(ns_c_in);
  for (const Bytes& bytes : answer) made.packet = made.packet + bytes;
  for (const Bytes& bytes : authority) made.packet = made.packet + bytes;
  return made;
}

// A survey that has asked nothing: of hosts no address is known.
struct Unasked {
  DnsConfig config;
  UnboundBatch batch{Milliseconds{1}};
  ZoneSurvey survey{batch, 0, config};
  ZoneView zone;
};

}  // namespace

TEST_CASE_METHOD(Unasked, "The servers of a zone are those that it names and those that its parent delegates to") {
  zone.servers = {name("ns1.example.com"), name("ns2.example.com")};
  zone.parent.servers[name("ns2.example.com")];
  zone.parent.servers[name("ns3.example.com")];
  CHECK(servers_of(zone) ==
        std::set<DnsName>{name("ns1.example.com"), name("ns2.example.com"), name("ns3.example.com")});
}

TEST_CASE_METHOD(Unasked, "Glue is an address, for the longest TTL of the NS RRsets and of itself") {
  const DnsName server = name("ns1.example.com");
  zone.servers = {server};
  zone.ns_ttl = Seconds{60};
  zone.parent.servers[server] = {Seconds{7200}, {{"192.0.2.1", Seconds{300}}, {"192.0.2.2", Seconds{86400}}}};
  const auto addresses = survey.addresses_of(zone, server);
  REQUIRE(addresses.size() == 2);
  CHECK(addresses[0].address == "192.0.2.1");
  CHECK(addresses[0].by_parent_alone);
  CHECK(addresses[0].delegation_ttl == Seconds{7200});
  CHECK(addresses[1].delegation_ttl == Seconds{86400});
  CHECK(survey.addresses_of(zone, name("ns2.example.com")).empty());
}

TEST_CASE("An insecure denial with a signed SOA is an absence that opt-out may have left unproven") {
  const auto found =
      unproven_absence(reply(Reply::Kind::insecure, {}, {soa(), signature("example.com", ns_t_soa, 2)}), name(owner));
  REQUIRE(found);
  CHECK(found->records.empty());
  CHECK(found->links.front().zone == name("example.com"));
  CHECK(found->links.front().ttl == Seconds{300});
}

TEST_CASE("The answers of a zone that is not signed are no unproven absence, nor are records or a proof") {
  CHECK_FALSE(unproven_absence(reply(Reply::Kind::insecure, {}, {soa()}), name(owner)));
  CHECK_FALSE(
      unproven_absence(reply(Reply::Kind::secure, {}, {soa(), signature("example.com", ns_t_soa, 2)}), name(owner)));
  CHECK_FALSE(
      unproven_absence(reply(Reply::Kind::bogus, {}, {soa(), signature("example.com", ns_t_soa, 2)}), name(owner)));
  const Bytes tlsa = record(owner, ns_t_tlsa, Bytes{3, 1, 1} + Bytes(32, 7));
  CHECK_FALSE(unproven_absence(reply(Reply::Kind::insecure, {tlsa, signature(owner, ns_t_tlsa, 5)}, {}), name(owner)));
}

TEST_CASE("What a wildcard gives where opt-out leaves its use unproven is no record that senders use") {
  const Bytes tlsa = record(owner, ns_t_tlsa, Bytes{3, 1, 1} + Bytes(32, 7));
  const auto found =
      unproven_absence(reply(Reply::Kind::insecure, {tlsa, signature(owner, ns_t_tlsa, 3)}, {}), name(owner));
  REQUIRE(found);
  CHECK(found->records.empty());
  CHECK_FALSE(found->links.front().from_wildcard);
  CHECK(found->links.front().ttl == Seconds{3600});
}
