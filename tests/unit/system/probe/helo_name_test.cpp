#include "system/probe/helo_name.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

TEST_CASE("a host without a full name greets with the address literal of its end of the connection") {
  CHECK(helo_name("mail.example.com", "192.0.2.1") == "mail.example.com");
  CHECK(helo_name("", "192.0.2.1") == "[192.0.2.1]");
  CHECK(helo_name("", "2001:db8::1") == "[IPv6:2001:db8::1]");
  CHECK(helo_name("", "fe80::1%eth0") == "[IPv6:fe80::1]");
}

TEST_CASE("the full name of this host has a domain, or there is none") {
  const std::string name = full_host_name();
  CHECK((name.empty() || name.find('.') != std::string::npos));
}
