// When a SOA was signed, by which a look knows a time that is none of this host's.
#include "system/dns/dns_message.hpp"

#include "fakes/dns_wire.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <arpa/nameser.h>

using namespace danectl;

namespace {

Bytes record(std::string_view zone, unsigned type, const Bytes& rdata) {
  return wire(zone) + u16(type) + u16(ns_c_in) + u32(1) + u16(static_cast<unsigned>(rdata.size())) + rdata;
}

Bytes soa(std::string_view zone) {
  return record(zone, ns_t_soa, wire("ns.example.com") + wire("admin.example.com") + Bytes(20, 0));
}

Bytes signature(std::string_view zone, std::string_view signer, std::uint32_t begins) {
  return record(
      zone, ns_t_rrsig,
      u16(ns_t_soa) + Bytes{13, 1} + u32(60) + u32(4'000'000'000) + u32(begins) + u16(7) + wire(signer) + u32(0));
}

std::optional<WallTime> signed_at(std::string_view zone, const std::vector<Bytes>& answer) {
  Bytes packet = u16(0x1234) + u16(0x8180) + u16(1) + u16(static_cast<unsigned>(answer.size())) + u16(0) + u16(0) +
                 wire(zone) + u16(ns_t_soa) + u16(ns_c_in);
  for (const Bytes& bytes : answer) packet = packet + bytes;
  return read_soa_signed(packet, zone == "." ? DnsName{} : DnsName::parse(zone).value());
}

}  // namespace

TEST_CASE("A SOA was signed when its signature begins, that of the root too") {
  CHECK(signed_at("org", {soa("org"), signature("org", "org", 1'800'000'000)}) == WallTime{Seconds{1'800'000'000}});
  CHECK(signed_at(".", {soa("."), signature(".", ".", 1'800'000'000)}) == WallTime{Seconds{1'800'000'000}});
}

TEST_CASE("Of several signatures over a SOA the first counts: one that was invented must prove nothing") {
  for (const std::uint32_t invented : {0U, 1'900'000'000U}) {
    const auto found =
        signed_at("org", {signature("org", "org", invented), soa("org"), signature("org", "org", 1'800'000'000),
                          signature("org", "org", 1'850'000'000)});
    CHECK(found == WallTime{Seconds{std::min(invented, 1'800'000'000U)}});
  }
}

TEST_CASE("Without a signature of the zone itself a SOA tells no time") {
  CHECK_FALSE(signed_at("org", {soa("org")}));
  CHECK_FALSE(signed_at("org", {soa("org"), signature("org", ".", 1'800'000'000)}));
  CHECK_FALSE(signed_at("org", {soa("org"), signature("com", "com", 1'800'000'000)}));
  CHECK_FALSE(signed_at("org", {}));
}
