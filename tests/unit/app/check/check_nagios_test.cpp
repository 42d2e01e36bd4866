#include "app/check/check_nagios.hpp"

#include "fakes/check_reports.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace danectl;

TEST_CASE("the OK line of the plugin says what was checked", "[check_nagios]") {
  CHECK(check_nagios(healthy_report()) ==
        "DANE OK: 1 lineage, 1 endpoint verified | critical=0;;0;0 warning=0;0;;0 unknown=0;;;0 endpoints=1;;;0 "
        "verified=1;;;0;1 cert_days=57;20:;10:\n");
}

TEST_CASE("the plugin names the worst finding and counts the others", "[check_nagios]") {
  CHECK(check_nagios(troubled_report()) ==
        "DANE CRITICAL: smtp://mx.example.com:25 (192.0.2.25): the key is not the published one [tlsa-mismatch] "
        "(+1 more) | critical=1;;0;0 warning=1;0;;0 unknown=0;;;0 endpoints=1;;;0 verified=0;;;0;1 "
        "cert_days=57;20:;10:\n");
}

TEST_CASE("the text of the plugin has neither a pipe nor a line end of its own", "[check_nagios]") {
  CheckReport report = troubled_report();
  report.findings.front().message = "a|b\nc";
  const std::string line = check_nagios(report);
  CHECK(line.find(": a/b c [tlsa-mismatch] (+1 more) | ") != std::string::npos);
  CHECK(std::count(line.begin(), line.end(), '|') == 1);
  CHECK(std::count(line.begin(), line.end(), '\n') == 1);
}

TEST_CASE("a long message leaves the performance data their place and no character cut", "[check_nagios]") {
  CheckReport report = troubled_report();
  report.findings.front().message.clear();
  for (int i = 0; i < 400; ++i) report.findings.front().message += "ü";
  const std::string line = check_nagios(report);
  CHECK(line.size() < 1024);
  CHECK(line.find("ü... (+1 more) | critical=1") != std::string::npos);
}

TEST_CASE("the plugin's limits for a short-lived certificate are a third and a sixth of its life", "[check_nagios]") {
  CheckReport report = healthy_report();
  report.lineages.front().not_before = at(0).wall;
  report.lineages.front().not_after = at(6 * 86400).wall;
  CHECK(check_nagios(report).find(" cert_days=6;2:;1:\n") != std::string::npos);
}

TEST_CASE("an ended certificate has a negative number of days", "[check_nagios]") {
  CheckReport report = healthy_report();
  report.lineages.front().not_after = at(-3600).wall;
  CHECK(check_nagios(report).find(" cert_days=-1;") != std::string::npos);
}

TEST_CASE("without a lineage the days are those of the certificate that the server shows", "[check_nagios]") {
  CheckReport report = healthy_report();
  report.lineages.clear();
  report.endpoints = {verified_at("192.0.2.25", "")};
  report.endpoints.front().not_after = at(30 * 86400).wall;
  CHECK(check_nagios(report).find("DANE OK: 1 endpoint verified | ") == 0);
  CHECK(check_nagios(report).find(" cert_days=30;20:;10:\n") != std::string::npos);
  report.endpoints.front().not_after.reset();
  CHECK(check_nagios(report).find("cert_days") == std::string::npos);
}

TEST_CASE("what kept check from starting is one line for a plugin, and trouble for others", "[check_nagios]") {
  std::ostringstream out;
  std::ostringstream err;
  const Output output{.out = out, .err = err};
  const Error error = invalid("danectl.toml:3: bad | value", "a\nb");
  CHECK(cannot_check(error, CheckFormat::nagios, output) == 3);
  CHECK(out.str() == "DANE UNKNOWN: danectl.toml:3: bad / value (a b)\n");
  CHECK(err.str().empty());
  out.str("");
  CHECK(cannot_check(error, CheckFormat::json, output) == 3);
  CHECK(out.str().empty());
  CHECK(err.str() == "danectl: danectl.toml:3: bad | value\n  a\nb\n");
}
