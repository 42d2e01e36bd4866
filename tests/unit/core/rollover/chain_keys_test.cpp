#include "core/rollover/state.hpp"
#include "fakes/test_ca.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

constexpr const char* host = "mx.example.com";
const WallTime begin = parse_rfc3339("2026-01-01T00:00:00Z").value();
const WallTime end = parse_rfc3339("2026-04-01T00:00:00Z").value();
const WallTime now = parse_rfc3339("2026-02-01T00:00:00Z").value();

struct Issued {
  Issued() { lineage.tlsa = {DnsName::parse("_25._tcp.mx.example.com").value()}; }

  [[nodiscard]] Chain chain(const std::string& of, const std::vector<std::string>& names = {host}) const {
    return parse_chain(ca.issue(names, of, begin, end)).value();
  }
  void profile(const std::vector<const char*>& lines) {
    lineage.profile.clear();
    for (const char* line : lines) lineage.profile.push_back(Group::parse(line).value());
  }
  [[nodiscard]] KeyId intermediate() const { return parse_chain(ca.intermediate_pem()).value().leaf().key; }
  void append(const std::string& root) {
    lineage.append_root = "/root.pem";
    lineage.roots.push_back(parse_chain(root).value().leaf());
  }

  TestCa ca;
  LineageConfig lineage;
  const std::string key = test_key();
  const std::string other_key = test_key();
};

}  // namespace

TEST_CASE_METHOD(Issued, "The records of a chain name its key, or its issuer, or both") {
  const Chain issued = chain(key);
  profile({"3 1 1"});
  CHECK_FALSE(keys_of(issued, lineage).anchor);
  profile({"2 1 2", "3 1 1"});
  const ChainKeys keys = keys_of(issued, lineage);
  CHECK(keys.anchor == intermediate());
  CHECK(associations_of(keys, lineage.profile) ==
        std::vector<Association>{association_of(intermediate(), {2, 1, 2}), association_of(keys.key, {3, 1, 1})});
}

TEST_CASE_METHOD(Issued, "A key that is not issued yet has no record of an issuer") {
  profile({"2 1 1", "3 1 1"});
  const KeyId known = chain(key).leaf().key;
  CHECK(associations_of({known, {}}, lineage.profile) == std::vector<Association>{association_of(known, {3, 1, 1})});
}

TEST_CASE_METHOD(Issued, "A root closes the chain that it signed, once, and becomes its anchor") {
  profile({"2 1 1"});
  append(TestCa().root_pem());
  append(ca.root_pem());
  const Chain served = served_chain(chain(key), lineage);
  REQUIRE(served.certificates.size() == 3);
  CHECK(keys_of(served, lineage).anchor == lineage.roots.back().key);
  CHECK(served_chain(served, lineage).certificates.size() == 3);
  CHECK(without_root(served, lineage).certificates.size() == 2);
}

TEST_CASE_METHOD(Issued, "A root of another CA is not put to a chain, which then has no anchor") {
  profile({"2 1 1"});
  append(TestCa().root_pem());
  const Chain served = served_chain(chain(key), lineage);
  CHECK(served.certificates.size() == 2);
  CHECK_FALSE(keys_of(served, lineage).anchor);
  CHECK(associations_of(keys_of(served, lineage), lineage.profile).empty());
}

TEST_CASE_METHOD(Issued, "A chain passes by its own issuer for each host of its owners, within its dates") {
  profile({"2 1 1"});
  CHECK(passes_by_its_issuer(chain(key), lineage, now));
  CHECK_FALSE(passes_by_its_issuer(chain(key, {"www.example.com"}), lineage, now));
  CHECK_FALSE(passes_by_its_issuer(chain(key), lineage, end + std::chrono::seconds(1)));
  append(TestCa().root_pem());
  CHECK_FALSE(passes_by_its_issuer(chain(key), lineage, now));  // that root closes no chain of this CA
  profile({"3 1 1"});
  CHECK(passes_by_its_issuer(chain(key, {"www.example.com"}), lineage, now));
}

TEST_CASE_METHOD(Issued, "The records of the further issuers are wanted for the lines of usage 2 alone") {
  profile({"3 1 1", "2 1 1"});
  lineage.further_issuers = parse_chain(ca.root_pem()).value().certificates;
  const KeyId& issuer = lineage.further_issuers.front().key;
  CHECK(further_issuers(lineage, {}) == std::vector<KeyId>{issuer});
  CHECK(associations_of_issuer(issuer, lineage.profile) == std::vector<Association>{association_of(issuer, {2, 1, 1})});
  profile({"3 1 1"});
  CHECK(further_issuers(lineage, {}).empty());
}
