#include "core/keys/certificate.hpp"

#include "core/keys/key_material.hpp"
#include "fakes/test_ca.hpp"

#include <catch2/catch.hpp>

using namespace danectl;
using namespace std::chrono;

namespace {

const WallTime begin = sys_days{2026y / March / 1} + hours{12};
const WallTime end = sys_days{2026y / May / 30} + hours{11} + minutes{59} + seconds{59};

Chain chain_of(const std::string& pem) {
  auto chain = parse_chain(pem);
  if (!chain) FAIL(chain.error().what);
  return *chain;
}

}  // namespace

TEST_CASE("a chain's values are those it was issued with") {
  const TestCa ca;
  const std::string key = test_key();
  const Chain chain = chain_of(ca.issue({"MX2.Example.com", "mx.example.com", "mx.example.com"}, key, begin, end));
  REQUIRE(chain.certificates.size() == 2);
  const Certificate& leaf = chain.leaf();
  CHECK(leaf.key == read_private_key(key).value());
  CHECK(leaf.key.type == KeyType::ecdsa_p256);
  CHECK(leaf.names == std::vector<std::string>{"mx.example.com", "mx2.example.com"});
  CHECK(leaf.issuer == "CN=Test Intermediate 1");
  CHECK(leaf.issuer_key == chain.certificates[1].key.sha256);
  CHECK(leaf.not_before == begin);
  CHECK(leaf.not_after == end);
  CHECK(leaf.fingerprint.size() == 64);
  CHECK(leaf.fingerprint != leaf.key.sha256);
  CHECK(chain.certificates[1].issuer_key.empty());  // the root is not in it
}

TEST_CASE("dates beyond 2050 are read") {
  const WallTime late = sys_days{9999y / December / 31} + hours{23};
  CHECK(chain_of(TestCa().issue({"a.example"}, test_key(), begin, late)).leaf().not_after == late);
}

TEST_CASE("a chain is written as certbot's files") {
  const TestCa ca;
  const std::string pem = ca.issue({"mx.example.com"}, test_key(), begin, end);
  const Chain chain = chain_of("text before\n" + pem + "text after");
  CHECK(chain.pem() == pem);
  CHECK(chain.issuers_pem() == ca.intermediate_pem());
  CHECK(chain.leaf_pem() + chain.issuers_pem() == chain.pem());
  CHECK(Chain{}.pem().empty());
}

TEST_CASE("a private key beside the chain is left alone") {
  const std::string key = test_key();
  const std::string pem = TestCa().issue({"mx.example.com"}, key, begin, end);
  CHECK(chain_of(key + pem).pem() == pem);
}

TEST_CASE("what holds no certificate is no chain") {
  CHECK(parse_chain("").error().what == "it holds no certificate in PEM");
  CHECK(parse_chain(test_key()).error().what == "it holds no certificate in PEM");
  const std::string pem = TestCa().root_pem();
  CHECK_FALSE(parse_chain(pem.substr(0, pem.size() / 2)).ok());
  CHECK(parse_chain("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n").error().what.substr(0, 35) ==
        "certificate 1 in it cannot be read:");
}

TEST_CASE("a heap of certificates is not a chain") {
  const std::string root = TestCa().root_pem();
  std::string heap;
  for (int i = 0; i < 51; ++i) heap += root;
  CHECK(parse_chain(heap).error().what == "it holds 51 certificates, too many for a chain");
}

TEST_CASE("a chain with or without its root is complete") {
  const TestCa ca;
  const std::string pem = ca.issue({"mx.example.com"}, test_key(), begin, end);
  CHECK(check_complete(chain_of(pem)).ok());
  CHECK(check_complete(chain_of(pem + ca.root_pem())).ok());
  CHECK(chain_of(pem + ca.root_pem()).certificates[2].issuer_key ==
        chain_of(ca.root_pem()).leaf().key.sha256);  // its own
}

TEST_CASE("a leaf alone is complete only when it signed itself") {
  const Chain chain = chain_of(TestCa().issue({"mx.example.com"}, test_key(), begin, end));
  const Status status = check_complete(Chain{{chain.leaf()}});
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().what ==
        "the chain is not complete: the certificate of the issuer is missing: CN=Test Intermediate 1");
  CHECK(check_complete(chain_of(self_signed(test_key(), {"mx.example.com"}))).ok());
  CHECK_FALSE(check_complete(Chain{}).ok());
}

TEST_CASE("a chain with a wrong or missing link is not complete") {
  TestCa ca;
  const std::string key = test_key();
  const Chain chain = chain_of(ca.issue({"mx.example.com"}, key, begin, end));
  const std::string broken =
      "the chain is broken: certificate 1 of 2 is not signed by the one after it, but by CN=Test Intermediate 1";
  CHECK(check_complete(chain_of(chain.leaf_pem() + ca.root_pem())).error().what == broken);
  ca.replace_intermediate();
  CHECK(check_complete(chain_of(chain.leaf_pem() + ca.intermediate_pem())).error().what == broken);
  CHECK_FALSE(check_complete(chain_of(chain.issuers_pem() + chain.leaf_pem())).ok());
}

TEST_CASE("an issuer with the right name and another key did not sign") {
  const TestCa ca;
  const TestCa impostor;  // its authorities bear the same names
  const Chain chain = chain_of(ca.issue({"mx.example.com"}, test_key(), begin, end));
  const Chain mixed = chain_of(chain.leaf_pem() + impostor.intermediate_pem());
  CHECK_FALSE(check_complete(mixed).ok());
  CHECK(mixed.leaf().issuer_key.empty());
}
