#include "app/check/check_text.hpp"

#include "fakes/check_reports.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

std::string text_of(const CheckReport& report, bool unicode = false, bool colour = false) {
  std::ostringstream out;
  std::ostringstream err;
  const Output output{.out = out, .err = err, .colour = colour, .unicode = unicode};
  return check_text(report, output);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("nothing wrong is said in one line, and the endpoints are listed", "[check_text]") {
  CHECK(text_of(healthy_report()) ==
        "OK: nothing is wrong; 1 lineage, 1 endpoint verified\n"
        "\n"
        "        endpoint                  address     protocol  matches  certificate ends\n"
        "ok      smtp://mx.example.com:25  192.0.2.25  TLSv1.3   3 1 1    2030-02-27, 57 d\n");
}

TEST_CASE("each finding is a line with its place and id, and below it what to do; the summary comes last",
          "[check_text]") {
  CHECK(text_of(troubled_report()) ==
        "CRITICAL  smtp://mx.example.com:25 (192.0.2.25): the key is not the published one [tlsa-mismatch]\n"
        "          reload the server\n"
        "WARNING   mx.example.com: the deployed certificate ends in 15 d [certificate-ends]\n"
        "          certbot renew --cert-name mx.example.com\n"
        "\n"
        "        endpoint                  address     protocol  matches           certificate ends\n"
        "FAILED  smtp://mx.example.com:25  192.0.2.25  TLSv1.3   2 1 1; not 3 1 1  2030-02-27, 57 d\n"
        "\n"
        "1 critical, 1 warning, 0 unknown; 1 lineage, 0 endpoints verified of 1\n");
}

TEST_CASE("a terminal that can show them gets a tick and a cross in a column of their own", "[check_text]") {
  CHECK(has(text_of(healthy_report(), true), "\n✓  smtp://mx.example.com:25"));
  CHECK(has(text_of(troubled_report(), true), "\n✗  smtp://mx.example.com:25"));
  CHECK(has(text_of(healthy_report(), true), "\n   endpoint  "));
}

TEST_CASE("colour is used only where the output allows it", "[check_text]") {
  CHECK(!has(text_of(troubled_report(), true), "\x1b"));
  CHECK(has(text_of(troubled_report(), true, true), "\x1b[1;31mCRITICAL\x1b[0m  smtp://"));
  CHECK(has(text_of(healthy_report(), false, true), "\x1b[32mOK\x1b[0m: nothing"));
}

TEST_CASE("an address that is left out is shown with its reason and counts neither way", "[check_text]") {
  CheckReport report = healthy_report();
  report.endpoints.push_back(endpoint_at("2001:db8::25", EndpointView::Verdict::left_out));
  report.endpoints.back().why = "no route to IPv6";
  const std::string text = text_of(report);
  CHECK(has(text, "OK: nothing is wrong; 1 lineage, 1 endpoint verified, 1 left out\n"));
  CHECK(has(text,
            "-       smtp://mx.example.com:25  2001:db8::25  -         -        -               "
            "  no route to IPv6\n"));
}

TEST_CASE("name servers that are left out are shown", "[check_text]") {
  CheckReport report = healthy_report();
  report.owners.front().left_out = {"ns2.example.com 192.0.2.2: in [dns] ignore"};
  CHECK(has(text_of(report),
            "name server left out for _25._tcp.mx.example.com: ns2.example.com 192.0.2.2: in [dns] ignore\n"));
}

TEST_CASE("a healthy report without endpoints does not claim that a server was asked", "[check_text]") {
  CheckReport report = healthy_report();
  report.endpoints.clear();
  CHECK(text_of(report) == "OK: nothing is wrong; 1 lineage, no endpoint asked\n");
}

TEST_CASE("an endpoint that shows no certificate has the reason in its row", "[check_text]") {
  CheckReport report = healthy_report();
  report.endpoints = {endpoint_at("", EndpointView::Verdict::no_handshake)};
  report.endpoints.front().why = "mx.example.com has no address";
  CHECK(has(text_of(report),
            "FAILED  smtp://mx.example.com:25  -        -         -        -               "
            "  mx.example.com has no address\n"));
}

TEST_CASE("a certificate that has ended is said to", "[check_text]") {
  CheckReport report = healthy_report();
  report.endpoints.front().not_after = at(-86400).wall;
  CHECK(has(text_of(report), "ENDED 2029-12-31\n"));
}

TEST_CASE("a lineage is named in front of a place that does not have its name", "[check_text]") {
  CheckReport report = troubled_report();
  report.findings.front().lineage = "mx";
  CHECK(has(text_of(report), "CRITICAL  mx smtp://mx.example.com:25 (192.0.2.25): "));
  report.findings = {{FindingId::not_signed, Severity::critical, "mx.example.com", test_owner().text(), {}, {}, "it"}};
  CHECK(has(text_of(report), "CRITICAL  _25._tcp.mx.example.com: it [not-signed]\n\n"));
}

TEST_CASE("the address of a probe of one address is named once", "[check_text]") {
  CheckReport report = troubled_report();
  report.findings.front().endpoint = "smtp://mx.example.com:25@192.0.2.25";
  CHECK(has(text_of(report), "CRITICAL  smtp://mx.example.com:25@192.0.2.25: the key"));
}

TEST_CASE("what a server said can neither draw on the terminal nor forge a line", "[check_text]") {
  CheckReport report = troubled_report();
  report.findings.front().message = "it said \x1b[2J\n  OK: nothing\r\nis \xff wrong \xc2\x9b \xe2\x80\xae ü";
  CHECK(has(text_of(report), ": it said ?[2J OK: nothing is ? wrong ? ? ü [tlsa-mismatch]\n"));
}
