#include "core/config/probe_url.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

ProbeUrl good(const std::string& text) {
  auto url = ProbeUrl::parse(text);
  INFO(text << ": " << (url.ok() ? "" : url.error().what));
  REQUIRE(url.ok());
  return url.value();
}

}  // namespace

TEST_CASE("a probe has scheme, host and port") {
  const ProbeUrl url = good("smtp://MX.example.com:2525");
  CHECK(url.scheme == "smtp");
  CHECK(url.host.text() == "mx.example.com");
  CHECK(url.port == 2525);
  CHECK(url.address.empty());
}

TEST_CASE("a port that the scheme has may be left out") {
  CHECK(good("smtp://mx.example.com").port == 25);
  CHECK(good("submission://mx.example.com").port == 587);
  CHECK(good("imap://mx.example.com").port == 143);
  CHECK(good("pop3://mx.example.com").port == 110);
  CHECK(good("smtps://mx.example.com").port == 465);
  CHECK(good("imaps://mx.example.com").port == 993);
  CHECK(good("pop3s://mx.example.com").port == 995);
  CHECK_FALSE(ProbeUrl::parse("tls://mx.example.com").ok());
}

TEST_CASE("a probe may name one address of the host") {
  CHECK(good("smtp://mx.example.com:25@127.0.0.1").address == "127.0.0.1");
  CHECK(good("smtp://mx.example.com@2001:DB8::1").address == "2001:db8::1");
  CHECK(good("smtp://mx.example.com:25@[2001:db8::1]").address == "2001:db8::1");
}

TEST_CASE("the text of a probe is read back as the same probe") {
  for (const char* text : {"smtp://mx.example.com:25", "tls://mx.example.com:443@2001:db8::1"}) {
    CHECK(good(text).text() == text);
  }
  CHECK(good("imap://mx.example.com.").text() == "imap://mx.example.com:143");
}

TEST_CASE("host and port of a probe give the owner of its TLSA records") {
  CHECK(good("smtp://mx.example.com").owner().text() == "_25._tcp.mx.example.com");
  CHECK(good("tls://mx.example.com:8443@192.0.2.1").owner().text() == "_8443._tcp.mx.example.com");
}

TEST_CASE("a probe of an address is refused, since no TLSA record belongs to it") {
  for (const char* text : {"smtp://192.0.2.1:25", "smtp://192.0.2.1", "smtp://[2001:db8::1]:25", "smtp://[2001:db8::1]",
                           "smtp://2001:db8::1"}) {
    const auto url = ProbeUrl::parse(text);
    INFO(text);
    REQUIRE_FALSE(url.ok());
    CHECK(url.error().what.find("is an address, but TLSA records belong to the name of a host") != std::string::npos);
  }
}

TEST_CASE("what is no probe is refused") {
  const std::string text = GENERATE(
      as<std::string>{}, "", "mx.example.com", "mx.example.com:25", "SMTP://mx.example.com", "http://mx.example.com",
      "smtp:/mx.example.com", "smtp://", "smtp://.", "smtp://:25", "smtp://mx.example.com:", "smtp://mx.example.com:0",
      "smtp://mx.example.com:65536", "smtp://mx.example.com:25/", "smtp://mx.example.com:25@", "smtp://a@b",
      "smtp://mx.example.com:25@mx.example.com", "smtp://mx.example.com:25@[127.0.0.1]", "smtp://mx.example.com:+25",
      "smtp://mx.example.com@192.0.2.1:25", "smtp://192.0.2:25", "://mx.example.com:25", "smtp://mx example.com");
  INFO(text);
  const auto url = ProbeUrl::parse(text);
  REQUIRE_FALSE(url.ok());
  CHECK(url.error().kind == ErrorKind::invalid);
  CHECK_FALSE(url.error().hint.empty());
}

TEST_CASE("a host whose owner name would be too long is refused") {
  const std::string label(62, 'a');
  const std::string host = label + "." + label + "." + label + "." + label;  // 251 characters
  CHECK_FALSE(ProbeUrl::parse("smtp://" + host).ok());
}
