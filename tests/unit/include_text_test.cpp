#include "core/include_text.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

TEST_CASE("An include file is read as it was written, sorted, with its comments apart") {
  const std::vector<IncludedRecord> records{{name("_465._tcp.mx.example.com"), Seconds{60}, record_of('b')},
                                            {name("_25._tcp.mx.example.com"), Seconds{3600}, record_of('a')}};
  const std::string text = include_text(records);
  const auto read = parse_include(text + "\n  ; a remark\n", "/etc/bind/tlsa.inc");
  REQUIRE(read);
  CHECK(*read == std::vector<IncludedRecord>{records[1], records[0]});
  CHECK(include_text(*read) == text);
}

TEST_CASE("A line of an include file that would be lost is an error that names it") {
  for (const std::string& line : std::vector<std::string>{
           "mx IN A 192.0.2.1", "$ORIGIN example.com.", "_25._tcp.mx 60 IN TLSA 3 1 1 " + std::string(64, 'a'),
           "_25._tcp.mx.example.com. 60 IN TLSA 3 1 1 abc", "_25._tcp.mx.example.com. x IN TLSA 3 1 1"}) {
    INFO(line);
    const auto read = parse_include("; fine\n" + line + "\n", "/etc/bind/tlsa.inc");
    REQUIRE_FALSE(read);
    CHECK(read.error().what.find("/etc/bind/tlsa.inc, line 2: ") == 0);
  }
}
