#include "core/mail/mail_policies.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

TEST_CASE("a text announces the version it begins with", "[mail_policies]") {
  CHECK(announces(Texts({"v=TLSRPTv1; rua=mailto:a@example.org"}), "v=TLSRPTv1"));
  CHECK(announces(Texts({"v=spf1 -all", "v=STSv1 ;id=1"}), "v=STSv1"));
  CHECK_FALSE(announces(Texts({"v=TLSRPTv12; rua=mailto:a@example.org"}), "v=TLSRPTv1"));
  CHECK_FALSE(announces(Texts(std::vector<std::string>{}), "v=STSv1"));
  CHECK_FALSE(announces({}, "v=STSv1"));
}

TEST_CASE("an MTA-STS policy is read line by line", "[mail_policies]") {
  const auto policy = StsPolicy::parse(
      "version: STSv1\r\nmode: enforce\r\nmx: MX.example.org\r\nmx: *.example.net\r\nmax_age: 604800\r\n");
  REQUIRE(policy);
  CHECK(policy->mode == StsPolicy::Mode::enforce);
  CHECK(policy->mx == std::vector<std::string>{"mx.example.org", "*.example.net"});
}

TEST_CASE("a pattern of MTA-STS stands for one label", "[mail_policies]") {
  const auto policy = StsPolicy::parse("version: STSv1\nmode: testing\nmx: mx.example.org\nmx: *.example.net");
  REQUIRE(policy);
  CHECK(policy->allows(DnsName::parse("mx.example.org").value()));
  CHECK(policy->allows(DnsName::parse("a.example.net").value()));
  CHECK_FALSE(policy->allows(DnsName::parse("example.net").value()));
  CHECK_FALSE(policy->allows(DnsName::parse("a.b.example.net").value()));
  CHECK_FALSE(policy->allows(DnsName{}));
}

TEST_CASE("what is no MTA-STS policy says why", "[mail_policies]") {
  CHECK(StsPolicy::parse("<html>not found</html>").error().what == "it has no line \"version: STSv1\"");
  CHECK(StsPolicy::parse("version: STSv1\nmode: maybe\nmx: a.example").error().what ==
        "its mode is none of enforce, testing and none");
  CHECK(StsPolicy::parse("version: STSv1\nmode: enforce\n").error().what == "it names no mx");
  CHECK(StsPolicy::parse("version: STSv1\nmode: none\n"));
  CHECK_FALSE(StsPolicy::parse(""));
}
