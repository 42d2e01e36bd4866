#include "core/records/include_text.hpp"

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

TEST_CASE("An include file of the unknown type is read as the records that it stands for") {
  const std::vector<IncludedRecord> records{{test_owner(), Seconds{60}, record_of('a')}};
  const std::string text = include_text(records, RecordForm::rfc3597);
  CHECK(text.find("_25._tcp.mx.example.com. 60 IN TYPE52 \\# 35 030101" + std::string(64, 'a') + "\n") !=
        std::string::npos);
  const auto read = parse_include(text + include_text(records), "/etc/bind/tlsa.inc");
  REQUIRE(read);
  CHECK(*read == std::vector<IncludedRecord>{records[0], records[0]});
}

TEST_CASE("A line of the unknown type that is no good TLSA record is an error") {
  const std::string good(64, 'a');
  for (const std::string& data : std::vector<std::string>{"\\# 34 030101" + good, "35 030101" + good, "\\# 35 030101",
                                                          "\\# 5 0301010a0b", "\\# 2 0301", "3 1 1 " + good, ""}) {
    INFO(data);
    CHECK_FALSE(parse_include("_25._tcp.mx.example.com. 60 IN TYPE52 " + data + "\n", "/etc/bind/tlsa.inc"));
  }
}
