#include "system/dns/zone_survey.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

DnsName name(const std::string& text) {
  return DnsName::parse(text).value();
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
