#include "core/dns/dns_name.hpp"

#include "core/base/foreign_text.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

DnsName name_of(const std::string& text) {
  const auto name = DnsName::parse(text);
  REQUIRE(name.ok());
  return *name;
}

}  // namespace

TEST_CASE("a domain name is kept in lower case without the final dot") {
  CHECK(name_of("_25._TCP.Mx.Example.COM.").text() == "_25._tcp.mx.example.com");
  CHECK(name_of("mx.example.com") == name_of("MX.example.com."));
  CHECK(name_of("mx.example.com").with_dot() == "mx.example.com.");
}

TEST_CASE("the root is a single dot") {
  CHECK(name_of(".").is_root());
  CHECK(name_of(".").with_dot() == ".");
  CHECK(DnsName{}.is_root());
}

TEST_CASE("what is not a domain name is refused with the reason") {
  const std::string long_label(64, 'a');
  const auto [text, why] = GENERATE_COPY(table<std::string, std::string>({
      {"", "it is empty"},
      {"..", "it has an empty label"},
      {"mx..example.com", "it has an empty label"},
      {".example.com", "it has an empty label"},
      {"example.com..", "it has an empty label"},
      {"mx example.com", "only letters, digits, '-' and '_' may stand in it"},
      {"*.example.com", "only letters, digits, '-' and '_' may stand in it"},
      {"m\xc3\xbcller.example",
       "only letters, digits, '-' and '_' may stand in it; in DNS it is xn--mller-kva.example"},
      {"m\xfcller.example",
       "only letters, digits, '-' and '_' may stand in it; in DNS such a name has another form, which `idn2` shows"},
      {std::string("mx\0.example", 11), "only letters, digits, '-' and '_' may stand in it"},
      {long_label + ".com", "a label has more than 63 characters"},
  }));
  const auto name = DnsName::parse(text);
  REQUIRE_FALSE(name.ok());
  CHECK(name.error().what == "'" + printable(text) + "' is not a domain name: " + why);
}

TEST_CASE("labels end at 63 octets and names at 253") {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'b');
  CHECK(longest.size() == 253);
  CHECK(DnsName::parse(longest).ok());
  CHECK(DnsName::parse(longest + ".").ok());
  CHECK_FALSE(DnsName::parse(longest + "b").ok());
}

TEST_CASE("the parent drops the first label and ends at the root") {
  CHECK(name_of("mx.example.com").parent() == name_of("example.com"));
  CHECK(name_of("com").parent().is_root());
  CHECK(name_of(".").parent().is_root());
}

TEST_CASE("below means by whole labels") {
  CHECK(name_of("mx.example.com").is_below_or_equal(name_of("example.com")));
  CHECK(name_of("example.com").is_below_or_equal(name_of("example.com")));
  CHECK(name_of("example.com").is_below_or_equal(name_of(".")));
  CHECK_FALSE(name_of("badexample.com").is_below_or_equal(name_of("example.com")));
  CHECK_FALSE(name_of("example.com").is_below_or_equal(name_of("mx.example.com")));
  CHECK_FALSE(name_of(".").is_below_or_equal(name_of("com")));
}

TEST_CASE("a TLSA owner is port, protocol and host") {
  const auto parts = parse_owner(name_of("_25._tcp.mx.example.com"));
  REQUIRE(parts.ok());
  CHECK(parts->port == 25);
  CHECK(parts->protocol == "tcp");
  CHECK(parts->host == name_of("mx.example.com"));
  CHECK(parse_owner(name_of("_65535._sctp.host"))->port == 65535);
}

TEST_CASE("what is not a TLSA owner is refused") {
  const auto text = GENERATE(as<std::string>{}, ".", "mx.example.com", "_25._tcp", "_25.tcp.mx.example.com",
                             "25._tcp.mx.example.com", "_._tcp.mx", "_0._tcp.mx", "_025._tcp.mx", "_65536._tcp.mx",
                             "_25x._tcp.mx", "_25._quic.mx", "_-25._tcp.mx");
  CAPTURE(text);
  const auto parts = parse_owner(name_of(text));
  REQUIRE_FALSE(parts.ok());
  CHECK(parts.error().what == "'" + text + "' is not the owner of a TLSA record");
}
