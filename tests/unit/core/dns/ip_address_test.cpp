#include "core/dns/ip_address.hpp"

#include <catch2/catch.hpp>

using namespace danectl;
using namespace std::string_literals;

TEST_CASE("an address is written back in its shortest form") {
  CHECK(IpAddress::parse("192.0.2.1").value().text() == "192.0.2.1");
  CHECK(IpAddress::parse("2001:0DB8:0:0:0:0:0:1").value().text() == "2001:db8::1");
}

TEST_CASE("the two families are never equal") {
  CHECK(IpAddress::parse("0.0.0.0").value() != IpAddress::parse("::").value());
}

TEST_CASE("what follows a NUL is not overlooked") {
  CHECK_FALSE(IpAddress::parse("192.0.2.1\0.example"s).ok());
}

TEST_CASE("brackets, ports, interfaces and short forms are no address") {
  for (const char* text : {"", "[::1]", "192.0.2.1:53", "fe80::1%eth0", "127.1", "0x7f000001", "192.0.2.01 "}) {
    INFO(text);
    CHECK_FALSE(IpAddress::parse(text).ok());
  }
}

TEST_CASE("a name that ends in a number is a mistyped address") {
  CHECK(ends_in_number("192.0.2"));
  CHECK(ends_in_number("mx.example.25."));
  CHECK_FALSE(ends_in_number("mx25"));
  CHECK_FALSE(ends_in_number("25.example"));
}
