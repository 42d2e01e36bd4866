#include "app/verbs/verify.hpp"

#include "app/verify/verification.hpp"
#include "fakes/small_world.hpp"

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

struct LookOf : Resolver {
  explicit LookOf(Result<OwnerLook> what) : seen(std::move(what)) {}
  Result<Look> look(const std::vector<DnsName>&) override {
    if (!seen) return seen.error();
    return Look{at(0), at(0), {*seen}};
  }
  Result<OwnerLook> seen;
};

struct Desk : SmallWorld {
  Association own = record("3 1 1 " + first.chain.leaf().key.sha256);
  VerifyOptions options;
  std::istringstream in;

  Desk() { options.chain = lineage.link("fullchain"); }

  int run() { return verify(options, shop(), in); }

  int run_with(Result<OwnerLook> seen) {
    options.owner = test_owner();
    world.resolver = [seen](const Config&) { return std::make_unique<LookOf>(seen); };
    return run();
  }

  OwnerLook not_secure(Dnssec dnssec, const std::string& why) const {
    OwnerLook look = no_answer(clock.time);
    look.dnssec = dnssec;
    look.why = why;
    return look;
  }
};

}  // namespace

TEST_CASE_METHOD(Desk, "verify with records asks no resolver") {
  world.resolver = [](const Config&) -> std::unique_ptr<Resolver> { throw std::logic_error("asked"); };
  options.tlsa = {own};
  CHECK(run() == 0);
  CHECK(out.str() == "matches: " + own.text() + " at depth 0 (the end entity)\n3 1 1: matches\n");
  CHECK(err.str().empty());
}

TEST_CASE_METHOD(Desk, "verify tells a failed look-up from a look that shows that DANE cannot be") {
  CHECK(run_with(not_secure(Dnssec::unknown, "no answer within 5 s")) == 75);
  CHECK(out.str().empty());
  CHECK(err.str() ==
        "danectl: the look-up failed: no answer within 5 s\n"
        "  whether the chain matches is not known; try later\n");
  CHECK(run_with(not_secure(Dnssec::bogus, "signature expired")) == 1);
  CHECK(run_with(not_secure(Dnssec::insecure, "not in a signed zone")) == 1);
  CHECK(out.str() ==
        "does not match: signature expired\n"
        "  senders that check DANE keep the mail back until DNSSEC is mended\n"
        "does not match: not in a signed zone\n"
        "  without DNSSEC there is no DANE: senders deliver as if there were no records\n");
}

TEST_CASE_METHOD(Desk, "verify takes a look that is not possible for one that failed, but for a wrong configuration") {
  CHECK(run_with(failed("the anchor cannot be read")) == 75);
  CHECK(run_with(not_yet("the anchor does not validate the root")) == 75);
  CHECK(run_with(invalid("trust_anchor: no such file")) == 2);
}

TEST_CASE_METHOD(Desk, "verify names the server that has other records") {
  const auto look =
      LookBuilder(clock.time).server("ns1.example.com", {own}).server("ns2.example.com", {record_of('a')}).done();
  CHECK(run_with(look) == 1);
  CHECK(
      out.str().starts_with("does not match: at ns2.example.com (192.0.2.2): "
                            "no usable TLSA record matches the chain\n3 1 1: does not match: at ns2.example.com"));
}

TEST_CASE_METHOD(Desk, "verify names the server that has no records") {
  CHECK(run_with(LookBuilder(clock.time).server("ns1.example.com", {own}).server("ns2.example.com", {}).done()) == 1);
  CHECK(
      out.str().starts_with("does not match: at ns2.example.com (192.0.2.2): there is no TLSA record\n"
                            "3 1 1: matches\n"));
}

TEST_CASE_METHOD(Desk, "verify names the server that has another alias") {
  OwnerLook look = LookBuilder(clock.time).server("ns1.example.com", {own}).server("ns2.example.com", {own}).done();
  look.answers[1].cname = name("elsewhere.example.com");
  CHECK(run_with(look) == 1);
  CHECK(
      out.str().starts_with("does not match: at ns2.example.com (192.0.2.2): _25._tcp.mx.example.com is an alias of "
                            "elsewhere.example.com there\n"));
}

TEST_CASE_METHOD(Desk, "verify warns of a server that it could not ask and says nothing of one that was left out") {
  const auto look = LookBuilder(clock.time)
                        .server("ns1.example.com", {own})
                        .silent("ns2.example.com")
                        .left_out("ns3.example.com")
                        .done();
  CHECK(run_with(look) == 0);
  CHECK(err.str() ==
        "danectl: warning: ns2.example.com (192.0.2.2): no answer within 5 s\n"
        "  what records it has is not known\n");
  CHECK(run_with(LookBuilder(clock.time).silent("ns1.example.com").resolver_has({own}).done()) == 0);
  CHECK(err.str().find("no authoritative server could be asked") != std::string::npos);
}

TEST_CASE_METHOD(Desk, "verify takes the host of the owner for a name of the certificate") {
  const Association issuer = record("2 1 1 " + first.chain.certificates[1].key.sha256);
  const auto look = LookBuilder(clock.time).server("ns1.example.com", {issuer}).done();
  CHECK(run_with(look) == 1);
  CHECK(out.str().starts_with("does not match: the certificate is not for mx.example.com\n"));
  options.names = {"mx.example.lab"};
  CHECK(run_with(look) == 0);
}

TEST_CASE_METHOD(Desk, "verify without a name gives no verdict that depends on one") {
  options.tlsa = {record("2 1 1 " + first.chain.certificates[1].key.sha256)};
  CHECK(run() == 2);
  CHECK(out.str().empty());
  CHECK(err.str() ==
        "danectl: usage 2 needs a name to check the certificate for\n  give the name of the server with --name\n");
  options.tlsa.push_back(own);
  CHECK(run() == 0);
}

TEST_CASE_METHOD(Desk, "verify as JSON has each group once, also one that is unusable") {
  options.json = true;
  options.tlsa = {own, record("3 2 1 " + own.hex), record("3 2 1 " + std::string(64, 'a'))};
  CHECK(run() == 0);
  const auto document = nlohmann::json::parse(out.str());
  CHECK(document["record"] == own.text());
  CHECK(document["depth"] == 0);
  CHECK(document["groups"] ==
        nlohmann::json::array({{{"group", "3 1 1"}, {"match", true}, {"why", nullptr}},
                               {{"group", "3 2 1"}, {"match", false}, {"why", "unusable: selector 2 is unknown"}}}));
}

TEST_CASE("verify wants records or an owner, and a file of CAs for PKIX alone") {
  VerifyOptions options;
  CHECK_FALSE(check_options(options).ok());
  options.owner = test_owner();
  CHECK(check_options(options).ok());
  options.ca_file = "roots.pem";
  CHECK_FALSE(check_options(options).ok());
  options.pkix = true;
  CHECK(check_options(options).ok());
  options.tlsa = {record_of('a')};
  CHECK_FALSE(check_options(options).ok());
}
