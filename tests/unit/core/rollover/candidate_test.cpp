#include "core/rollover/candidate.hpp"

#include "fakes/looks.hpp"
#include "fakes/test_lineage.hpp"

using namespace danectl;

namespace {

struct Promotion {
  [[nodiscard]] Association ours(std::uint8_t mtype) const {
    return association_of(next.chain.leaf().key, {3, 1, mtype});
  }
  [[nodiscard]] Status check(const RRset& records) const {
    const CandidateCheck all{next.chain, next.chain.leaf().key, next.chain, lineage, next.chain.leaf().not_before};
    return check_dane(all, {LookBuilder(at(0)).server("ns1.example.com", records).done()});
  }

  KeyAndChain next = new_material();
  LineageConfig lineage;
  std::vector<Group>& profile = lineage.profile;
  Association foreign = record("3 1 2 " + std::string(128, 'e'));
};

}  // namespace

TEST_CASE_METHOD(Promotion, "A chain passes with its record, also beside other keys") {
  CHECK(check({ours(1), record_of('a')}).ok());
}

TEST_CASE_METHOD(Promotion, "A chain without its record is refused") {
  const Status refused = check({record_of('a')});
  REQUIRE_FALSE(refused.ok());
  CHECK(
      refused.error().what ==
      "the new chain does not pass DANE with the records at _25._tcp.mx.example.com: no usable TLSA record matches the "
      "chain");
  CHECK(refused.error().hint.empty());
}

TEST_CASE_METHOD(Promotion, "The stronger digest that hides the right record is named") {
  const Status refused = check({ours(1), foreign});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().hint == foreign.text() +
                                    " hides the weaker digests (RFC 7671 section 9): delete it, or put \"3 1 2\" into "
                                    "the profile and publish that of this key too");
}

TEST_CASE_METHOD(Promotion, "A stronger digest of the key's own keeps those of others from being in the way") {
  CHECK(check({ours(1), ours(2), foreign}).ok());
  CHECK(records_in_the_way({next.chain.leaf().key, {}}, profile, {ours(1), ours(2), foreign}).empty());
}

TEST_CASE_METHOD(Promotion, "Only a digest of the same usage and selector is in the way, and only a usable one") {
  const RRset others{ours(1), record("2 1 2 " + std::string(128, 'e')), record("3 0 2 " + std::string(128, 'e')),
                     Association{{3, 1, 2}, "ee"}};
  CHECK(records_in_the_way({next.chain.leaf().key, {}}, profile, others).empty());
}
