#include "core/check/check_domain.hpp"

#include "fakes/endpoints.hpp"
#include "fakes/mail_hosts.hpp"

#include <catch2/catch.hpp>

using namespace danectl;
using Verdict = EndpointView::Verdict;

namespace {

EndpointView endpoint(const std::string& host, Verdict verdict) {
  EndpointView view = endpoint_at("192.0.2.25", verdict, "");
  view.url = ProbeUrl::parse("smtp://" + host + ":25").value();
  return view;
}

// Everything there, and nothing at odds.
MailPolicies all_policies(const std::string& mx = "mx: *.example.org\n") {
  return {Texts({"v=TLSRPTv1; rua=mailto:postmaster@example.org"}), Texts({"v=STSv1; id=1"}),
          Result<std::string>("version: STSv1\nmode: enforce\nmax_age: 86400\n" + mx)};
}

struct Asked {
  MailDomain domain = mail_domain("example.org", {"a.example.org", "b.example.org"});
  std::vector<MailHost> hosts{mail_host("a.example.org", {record_311('a')}),
                              mail_host("b.example.org", {record_311('b')})};
  std::vector<EndpointView> endpoints{endpoint("a.example.org", Verdict::verified),
                                      endpoint("b.example.org", Verdict::verified)};
  MailPolicies policies = all_policies();

  [[nodiscard]] DomainReport report() const { return check_domain({domain, hosts, endpoints, policies}); }
};

FindingId only_finding(const DomainReport& report) {
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings.front().domain == "example.org");
  CHECK_FALSE(report.findings.front().remedy.empty());
  return report.findings.front().id;
}

}  // namespace

TEST_CASE("a domain where all is well has neither finding nor note", "[check_domain]") {
  const DomainReport report = Asked{}.report();
  CHECK(report.findings.empty());
  CHECK(report.view.notes.empty());
  CHECK(report.view.way == DomainWay::dane);
  CHECK(report.view.exchanges.size() == 2);
}

TEST_CASE("a host of which no address proves a record gets no mail", "[check_domain]") {
  Asked asked;
  asked.endpoints[1].verdict = GENERATE(Verdict::mismatch, Verdict::no_handshake);
  CHECK(asked.report().view.exchanges[1].way == HostWay::held);
  CHECK(asked.report().view.way == DomainWay::dane);
  asked.endpoints.push_back(endpoint("b.example.org", Verdict::verified));
  CHECK(asked.report().view.exchanges[1].way == HostWay::dane);
}

TEST_CASE("what could not be asked changes nothing of what DNS says", "[check_domain]") {
  Asked asked;
  asked.endpoints[0].verdict = Verdict::left_out;
  asked.endpoints.pop_back();
  CHECK(asked.report().view.exchanges[0].way == HostWay::dane);
  CHECK(asked.report().view.exchanges[1].way == HostWay::dane);
}

TEST_CASE("MX records that are not secure are a finding of the domain", "[check_domain]") {
  Asked asked;
  asked.domain.dnssec = Dnssec::insecure;
  asked.domain.why = "example.org is not in a signed zone";
  CHECK(only_finding(asked.report()) == FindingId::mx_not_secure);
  CHECK(asked.report().findings.front().severity == Severity::warning);
  asked.domain.dnssec = Dnssec::bogus;
  CHECK(asked.report().findings.front().severity == Severity::critical);
}

TEST_CASE("a domain that is not there is critical", "[check_domain]") {
  Asked asked;
  asked.domain.kind = MailDomain::Kind::none;
  asked.domain.exchanges.clear();
  CHECK(only_finding(asked.report()) == FindingId::no_such_domain);
}

TEST_CASE("a null MX is all right, and needs no reports", "[check_domain]") {
  Asked asked;
  asked.domain.kind = MailDomain::Kind::null_mx;
  asked.domain.exchanges.clear();
  asked.policies = {Texts(std::vector<std::string>{}), Texts(std::vector<std::string>{}), {}};
  CHECK(asked.report().findings.empty());
  CHECK(asked.report().view.notes.empty());
}

TEST_CASE("an MX record that names no host is found", "[check_domain]") {
  Asked asked;
  asked.domain.unusable_exchanges = {"a\\032b.example.org"};
  CHECK(only_finding(asked.report()) == FindingId::unusable_exchange);
}

TEST_CASE("a host without an address is critical when it is the last", "[check_domain]") {
  Asked asked;
  asked.hosts[1].seen.has_address = false;
  asked.endpoints.pop_back();
  CHECK(only_finding(asked.report()) == FindingId::host_without_address);
  CHECK(asked.report().findings.front().severity == Severity::warning);
  asked.hosts[0].seen.has_address = false;
  asked.endpoints.clear();
  CHECK(asked.report().findings.front().severity == Severity::critical);
}

TEST_CASE("a host whose addresses do not validate, or give no answer, is found", "[check_domain]") {
  Asked asked;
  asked.hosts[1].addresses.clear();
  asked.hosts[1].seen.has_address.reset();
  asked.hosts[1].tlsa.clear();
  asked.endpoints.pop_back();
  asked.hosts[1].seen.addresses = Dnssec::bogus;
  CHECK(only_finding(asked.report()) == FindingId::host_not_secure);
  CHECK(asked.report().findings.front().severity == Severity::critical);
  asked.hosts[1].seen.addresses = Dnssec::unknown;
  CHECK(only_finding(asked.report()) == FindingId::host_not_secure);
  CHECK(asked.report().findings.front().severity == Severity::unknown);
}

TEST_CASE("what is missing beside DANE is a note, and no finding", "[check_domain]") {
  Asked asked;
  asked.policies = {Texts(std::vector<std::string>{}), Texts({"v=spf1 -all"}), {}};
  CHECK(asked.report().findings.empty());
  REQUIRE(asked.report().view.notes.size() == 2);
  CHECK(asked.report().view.notes[0].find("_smtp._tls.example.org") != std::string::npos);
  CHECK(asked.report().view.notes[1].find("MTA-STS") != std::string::npos);
}

TEST_CASE("what could not be looked up is not called missing", "[check_domain]") {
  Asked asked;
  asked.policies = {};
  CHECK(asked.report().view.notes.empty());
}

TEST_CASE("a host that the MTA-STS policy leaves out is at odds with DANE", "[check_domain]") {
  Asked asked;
  asked.policies = all_policies("mx: a.example.org\n");
  CHECK(only_finding(asked.report()) == FindingId::mta_sts_differs);
  CHECK(asked.report().findings.front().message.find("b.example.org") != std::string::npos);
}

TEST_CASE("an MTA-STS policy that is announced and not given is found", "[check_domain]") {
  Asked asked;
  asked.policies.sts_policy = failed("connection refused");
  CHECK(only_finding(asked.report()) == FindingId::mta_sts_differs);
  asked.policies.sts_policy = Result<std::string>("<html>");
  CHECK(only_finding(asked.report()) == FindingId::mta_sts_differs);
}
