#include "app/survey/survey_csv.hpp"
#include "app/survey/survey_format.hpp"
#include "app/survey/survey_json.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace danectl;

namespace {

DnsName name(const char* text) {
  return DnsName::parse(text).value();
}

SurveyLine a_line() {
  SurveyLine line;
  line.number = 7;
  line.domain.name = name("example.org");
  line.domain.kind = MailDomain::Kind::exchanges;
  line.domain.dnssec = Dnssec::secure;
  SurveyedHost host;
  host.preference = 10;
  host.host = name("mx.example.org");
  host.way = HostWay::dane;
  host.dnssec = Dnssec::secure;
  host.owner = name("_25._tcp.mx.example.org");
  host.records = {{Group{3, 1, 1}, std::string(64, 'a')}, {Group{2, 1, 1}, "abcd"}};
  host.knock = Knock{Knock::Verdict::mismatch, "192.0.2.1", "RSA: \"no\", it says\n", {host.records[0]}, true};
  line.hosts = {host, host};
  line.hosts[1].host = name("mx2.example.org");
  line.hosts[1].way = HostWay::held;
  line.hosts[1].dnssec = Dnssec::bogus;
  line.hosts[1].records.clear();
  line.hosts[1].knock.reset();
  line.domain.exchanges = {{10, line.hosts[0].host}, {10, line.hosts[1].host}};
  return line;
}

SurveyLine a_fault() {
  SurveyLine line;
  line.number = 8;
  line.fault = "'=a, \"b\"\x1b' is more than one word";
  return line;
}

}  // namespace

TEST_CASE("In each format a line begins as it is recognised, and is one line") {
  for (const SurveyFormat format : {SurveyFormat::text, SurveyFormat::json, SurveyFormat::csv}) {
    for (const SurveyLine& line : {a_line(), a_fault()}) {
      CAPTURE(to_text(format));
      const std::string text = survey_text(format, line);
      CHECK(text.starts_with(survey_beginning(format, {line.number, line.domain.name, line.fault})));
      CHECK(text.find('\n') == text.size() - 1);
      CHECK(text.find('\x1b') == text.npos);
    }
    SurveyLine another = a_line();
    another.domain.name = name("example.org2");
    CHECK_FALSE(survey_text(format, another).starts_with(survey_beginning(format, {7, name("example.org"), {}})));
  }
}

TEST_CASE("A line of JSON is read as it was written, but for its reasons") {
  const SurveyLine line = a_line();
  const auto read = read_json_line(json_line(line));
  REQUIRE(read);
  CHECK(read->number == 7);
  CHECK(way_of(*read) == way_of(line));
  REQUIRE(read->hosts.size() == 2);
  CHECK(read->hosts[0].records == line.hosts[0].records);
  CHECK(read->hosts[0].knock->served == line.hosts[0].knock->served);
  CHECK(faults_of(read->hosts[0]) == faults_of(line.hosts[0]));
  CHECK(read->hosts[1].way == HostWay::held);
  CHECK_FALSE(read->hosts[1].knock);
  CHECK_FALSE(read_json_line(json_line(a_fault()))->fault.empty());
}

TEST_CASE("Each format says how many hosts of a domain were asked, where not all were") {
  SurveyLine line = a_line();
  const std::string said = "2 of 500 hosts asked";
  for (const SurveyFormat format : {SurveyFormat::text, SurveyFormat::csv}) {
    CHECK(survey_text(format, line).find("hosts asked") == std::string::npos);
  }
  line.domain.exchanges_left_out = 498;
  for (const SurveyFormat format : {SurveyFormat::text, SurveyFormat::csv}) {
    CHECK(survey_text(format, line).find(said) != std::string::npos);
  }
  CHECK(read_json_line(json_line(line))->domain.exchanges_left_out == 498);
  line.domain.dnssec = Dnssec::insecure;
  CHECK(survey_text(SurveyFormat::text, line).find("MX not signed, " + said) != std::string::npos);
}

TEST_CASE("What is no line of a survey is not read as one") {
  for (const char* text :
       {"", "{}", "[]", "{\"version\":2,\"line\":1,\"error\":\"x\"}", "{\"version\":1,\"line\":\"1\"}",
        "{\"version\":1,\"line\":1,\"domain\":\"a..b\"}", "{\"version\":1,\"line\":1,\"domain\":\"a\"}"}) {
    CAPTURE(text);
    CHECK_FALSE(read_json_line(text));
  }
}

TEST_CASE("A field of CSV is quoted where it has to be, and no formula") {
  CHECK(csv_field("plain text") == "plain text");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("say \"no\"") == "\"say \"\"no\"\"\"");
  CHECK(csv_field("=1+1") == "'=1+1");
  CHECK(csv_field("-a,b") == "\"'-a,b\"");
  CHECK(csv_field("@a") == "'@a");
  CHECK(csv_field("+a") == "'+a");
  CHECK(csv_field("").empty());
}

TEST_CASE("A row of CSV has as many fields as the header") {
  SurveyLine plain = a_line();
  plain.hosts[0].knock.reset();
  plain.hosts[0].records.pop_back();
  const auto commas = [](const std::string& text) { return std::count(text.begin(), text.end(), ','); };
  CHECK(commas(survey_text(SurveyFormat::csv, plain)) == commas(survey_header(SurveyFormat::csv)));
  SurveyLine fault = a_fault();
  fault.fault = "'a b'";
  CHECK(commas(survey_text(SurveyFormat::csv, fault)) == commas(survey_header(SurveyFormat::csv)));
}

TEST_CASE("A line of text shows as many hosts as there is room for") {
  SurveyLine line = a_line();
  for (int i = 3; i < 30; ++i) line.hosts.push_back(line.hosts[1]);
  CHECK(survey_text(SurveyFormat::text, line) ==
        "example.org             dane    mx.example.org 3 1 1 + 2 1 1 mismatch [some-unusable mixed], 28 more\n");
  line.hosts.erase(line.hosts.begin());
  const std::string text = survey_text(SurveyFormat::text, line);
  CHECK(text.size() <= 81);
  CHECK(text.find("more") != text.npos);
}
