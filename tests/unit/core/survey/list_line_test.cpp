#include "core/survey/list_line.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

void check_domain(std::string_view line, std::string_view domain) {
  CAPTURE(line);
  const ListLine read = read_list_line(line);
  REQUIRE(read.kind == ListLine::Kind::domain);
  CHECK(read.domain.text() == domain);
}

void check_fault(std::string_view line, std::string_view why) {
  CAPTURE(line);
  const ListLine read = read_list_line(line);
  REQUIRE(read.kind == ListLine::Kind::fault);
  CHECK(read.why == why);
}

}  // namespace

TEST_CASE("A line of a list has one domain, as people write it") {
  check_domain("example.org", "example.org");
  check_domain("  Example.ORG.\t\r", "example.org");
  check_domain("example.org # a comment", "example.org");
  check_domain("example.org# a comment", "example.org");
  check_domain(
      "\xEF\xBB\xBF"
      "example.org",
      "example.org");
  check_domain(
      "b\xC3\xBC"
      "cher.example",
      "xn--bcher-kva.example");
  check_domain("-odd_.example", "-odd_.example");
}

TEST_CASE("Blank lines and comments of a list are nothing") {
  for (const char* line : {"", "  \t\r", "# example.org", "  #"}) {
    CHECK(read_list_line(line).kind == ListLine::Kind::nothing);
  }
}

TEST_CASE("A line of a list that is no domain says why") {
  check_fault("example.org MX 10 mx", "'example.org MX 10 mx' is more than one word: one domain belongs on a line");
  check_fault("me@example.org", "'me@example.org' is a mail address: write the domain behind the @ alone");
  check_fault("192.0.2.1", "'192.0.2.1' is an address, not a mail domain");
  check_fault("2001:db8::1", "'2001:db8::1' is an address, not a mail domain");
  check_fault(".", "'.' is not the name of a domain");
  check_fault("a..b", "'a..b' is not the name of a domain");
  check_fault("=cmd()", "'=cmd()' is not the name of a domain");
  check_fault("\xFF\xFE", "'\xFF\xFE' is not the name of a domain");
  check_fault(std::string(100, 'x'), "'" + std::string(64, 'x') + "...' is not the name of a domain");
}
