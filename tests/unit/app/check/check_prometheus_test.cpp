#include "app/check/check_prometheus.hpp"

#include "fakes/check_reports.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace danectl;

namespace {

bool has(const CheckReport& report, const std::string& line) {
  return check_prometheus(report).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("the metrics of a healthy report", "[check_prometheus]") {
  CHECK(check_prometheus(healthy_report()) == R"(# HELP danectl_findings Findings of danectl check, by severity.
# TYPE danectl_findings gauge
danectl_findings{severity="critical"} 0
danectl_findings{severity="unknown"} 0
danectl_findings{severity="warning"} 0
# HELP danectl_endpoint_verified 1 when every certificate that this address presents passes DANE, 0 when not.
# TYPE danectl_endpoint_verified gauge
danectl_endpoint_verified{lineage="mx.example.com",owner="_25._tcp.mx.example.com",endpoint="smtp://mx.example.com:25",address="192.0.2.25"} 1
# HELP danectl_tlsa_match Whether a published group of TLSA records matches what this address presents.
# TYPE danectl_tlsa_match gauge
danectl_tlsa_match{owner="_25._tcp.mx.example.com",endpoint="smtp://mx.example.com:25",address="192.0.2.25",group="3 1 1"} 1
# HELP danectl_endpoint_cert_not_after_timestamp_seconds When the certificate that this address presents ends; of several the first.
# TYPE danectl_endpoint_cert_not_after_timestamp_seconds gauge
danectl_endpoint_cert_not_after_timestamp_seconds{endpoint="smtp://mx.example.com:25",address="192.0.2.25"} 1898380800
# HELP danectl_dnssec_secure 1 when the answer about the TLSA records of an owner is validated, 0 when not.
# TYPE danectl_dnssec_secure gauge
danectl_dnssec_secure{owner="_25._tcp.mx.example.com"} 1
# HELP danectl_tlsa_records TLSA records of an owner.
# TYPE danectl_tlsa_records gauge
danectl_tlsa_records{owner="_25._tcp.mx.example.com"} 2
# HELP danectl_tlsa_ttl_seconds TTL of the TLSA records of an owner, as its name servers give it.
# TYPE danectl_tlsa_ttl_seconds gauge
danectl_tlsa_ttl_seconds{owner="_25._tcp.mx.example.com"} 3600
# HELP danectl_signature_expiry_timestamp_seconds When the first signature of the TLSA records of an owner ends.
# TYPE danectl_signature_expiry_timestamp_seconds gauge
danectl_signature_expiry_timestamp_seconds{owner="_25._tcp.mx.example.com"} 1894492800
# HELP danectl_cert_not_before_timestamp_seconds When the deployed certificate began.
# TYPE danectl_cert_not_before_timestamp_seconds gauge
danectl_cert_not_before_timestamp_seconds{lineage="mx.example.com"} 1890604800
# HELP danectl_cert_not_after_timestamp_seconds When the deployed certificate ends.
# TYPE danectl_cert_not_after_timestamp_seconds gauge
danectl_cert_not_after_timestamp_seconds{lineage="mx.example.com"} 1898380800
# HELP danectl_candidates Chains with another key that certbot brought and that wait.
# TYPE danectl_candidates gauge
danectl_candidates{lineage="mx.example.com"} 0
# HELP danectl_retiring_records TLSA records that are still published, but not wanted any more.
# TYPE danectl_retiring_records gauge
danectl_retiring_records{lineage="mx.example.com"} 0
# HELP danectl_reload_pending 1 while a reload or a deploy hook has still to succeed.
# TYPE danectl_reload_pending gauge
danectl_reload_pending{lineage="mx.example.com"} 0
# HELP danectl_check_timestamp_seconds When danectl check wrote this.
# TYPE danectl_check_timestamp_seconds gauge
danectl_check_timestamp_seconds 1893456000
# HELP danectl_last_run_timestamp_seconds When danectl run ended last; absent if it never did.
# TYPE danectl_last_run_timestamp_seconds gauge
danectl_last_run_timestamp_seconds 1893455400
)");
}

TEST_CASE("findings of the same kind are one series, and their number is another", "[check_prometheus]") {
  CheckReport report = troubled_report();
  Finding another = mismatch_finding();
  another.address = "2001:db8::25";
  report.findings.insert(report.findings.begin() + 1, another);
  CHECK(has(report, R"(danectl_findings{severity="critical"} 2)"));
  CHECK(has(report, R"(danectl_findings{severity="warning"} 1)"));
  CHECK(has(report, R"(danectl_finding{id="tlsa-mismatch",severity="critical",lineage="mx.example.com"} 1)"));
  CHECK(has(report, R"(danectl_finding{id="certificate-ends",severity="warning",lineage="mx.example.com"} 1)"));
}

TEST_CASE("no series is there twice, and of two values the worse is kept", "[check_prometheus]") {
  CheckReport report = healthy_report();
  report.endpoints.push_back(report.endpoints.front());
  report.endpoints.back().verdict = EndpointView::Verdict::mismatch;
  report.endpoints.back().groups = {{Group{3, 1, 1}, false}};
  report.endpoints.push_back(verified_at("192.0.2.25", "mx-ecdsa"));
  report.findings = {mismatch_finding(), mismatch_finding()};
  std::istringstream lines(check_prometheus(report));
  std::set<std::string> series;
  for (std::string line; std::getline(lines, line);) CHECK(series.insert(line.substr(0, line.rfind(' '))).second);
  CHECK(has(report, R"(danectl_endpoint_verified{lineage="mx.example.com",owner="_25._tcp.mx.example.com",)"
                    R"(endpoint="smtp://mx.example.com:25",address="192.0.2.25"} 0)"));
  CHECK(has(report, R"(danectl_tlsa_match{owner="_25._tcp.mx.example.com",endpoint="smtp://mx.example.com:25",)"
                    R"(address="192.0.2.25",group="3 1 1"} 0)"));
}

TEST_CASE("an address that is left out has no series", "[check_prometheus]") {
  CheckReport report = healthy_report();
  report.endpoints.push_back(endpoint_at("2001:db8::25", EndpointView::Verdict::left_out));
  CHECK(check_prometheus(report).find("2001:db8") == std::string::npos);
}

TEST_CASE("what is not known is absent, not zero", "[check_prometheus]") {
  CheckReport report = healthy_report();
  report.last_run.reset();
  report.lineages.front().not_after.reset();
  report.owners.front().ttl.reset();
  report.owners.front().dnssec = "bogus";
  const std::string text = check_prometheus(report);
  CHECK(text.find("last_run") == std::string::npos);
  CHECK(text.find("danectl_cert_not_after") == std::string::npos);
  CHECK(text.find("ttl") == std::string::npos);
  CHECK(has(report, R"(danectl_dnssec_secure{owner="_25._tcp.mx.example.com"} 0)"));
}

TEST_CASE("label values are escaped", "[check_prometheus]") {
  CheckReport report = healthy_report();
  report.lineages.front().name = "a\"b\\c\nd";
  CHECK(has(report, R"(danectl_candidates{lineage="a\"b\\c d"} 0)"));
}

TEST_CASE("the next key is a series once it is known when it is ready", "[check_prometheus]") {
  CheckReport report = healthy_report();
  report.lineages.front().next_ready = at(7200.5).wall;
  CHECK(has(report, R"(danectl_next_ready_timestamp_seconds{lineage="mx.example.com"} 1893463200.5)"));
}
