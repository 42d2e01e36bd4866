#include "core/dns/ignore.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

bool ignored(const std::string& rule, const std::string& server, const std::string& address) {
  return ignores({IgnoreRule::parse(rule).value()}, DnsName::parse(server).value(), address);
}

}  // namespace

TEST_CASE("a rule with a name covers every address of that server, known or not") {
  CHECK(ignored("NS3.example.net.", "ns3.example.net", "192.0.2.1"));
  CHECK(ignored("ns3.example.net", "ns3.example.net", ""));
  CHECK_FALSE(ignored("ns3.example.net", "ns4.example.net", "192.0.2.1"));
  CHECK_FALSE(ignored("example.net", "ns3.example.net", "192.0.2.1"));
}

TEST_CASE("a rule with an address covers that address, however it is written") {
  CHECK(ignored("2001:DB8:0::1", "ns.example", "2001:db8::1"));
  CHECK(ignored("192.0.2.1", "ns.example", "192.0.2.1"));
  CHECK_FALSE(ignored("192.0.2.1", "ns.example", "192.0.2.2"));
  CHECK_FALSE(ignored("192.0.2.1", "ns.example", ""));
}

TEST_CASE("a rule with a prefix covers the addresses below it and no other family") {
  CHECK(ignored("2001:db8::/32", "ns.example", "2001:db8:ffff::1"));
  CHECK_FALSE(ignored("2001:db8::/32", "ns.example", "2001:db9::1"));
  CHECK(ignored("192.0.2.128/25", "ns.example", "192.0.2.255"));
  CHECK_FALSE(ignored("192.0.2.128/25", "ns.example", "192.0.2.127"));
  CHECK(ignored("0.0.0.0/0", "ns.example", "203.0.113.9"));
  CHECK_FALSE(ignored("0.0.0.0/0", "ns.example", "2001:db8::1"));
  CHECK_FALSE(ignored("::/0", "ns.example", "203.0.113.9"));
}

TEST_CASE("no rules ignore nothing") {
  CHECK_FALSE(ignores({}, DnsName::parse("ns.example").value(), "192.0.2.1"));
}

TEST_CASE("a rule keeps the text it was written with") {
  CHECK(IgnoreRule::parse("2001:DB8::/32").value().text == "2001:DB8::/32");
}

TEST_CASE("what is no name, address or prefix is refused") {
  const std::string text = GENERATE(as<std::string>{}, "", ".", "192.0.2", "192.0.2.256", "a b", "192.0.2.0/33",
                                    "2001:db8::/129", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/8x", "ns.example/24",
                                    "/24", "[2001:db8::1]", "fe80::1%eth0", "192.0.2.1:53");
  INFO(text);
  const auto rule = IgnoreRule::parse(text);
  REQUIRE_FALSE(rule.ok());
  CHECK(rule.error().kind == ErrorKind::invalid);
  CHECK_FALSE(rule.error().hint.empty());
}

TEST_CASE("a prefix with bits set after it is refused and the right one is named") {
  const auto rule = IgnoreRule::parse("192.0.2.77/24");
  REQUIRE_FALSE(rule.ok());
  CHECK(rule.error().what == "'192.0.2.77/24' has bits set after the prefix");
  CHECK(rule.error().hint == "write 192.0.2.0/24 or the address alone");
}
