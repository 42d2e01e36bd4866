#include "core/rollover/adoption.hpp"

#include "fakes/looks.hpp"
#include "fakes/test_ca.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

const WallTime issued_at = at(0).wall - std::chrono::hours(1);

// A deployed chain, and what the ledger has seen at its owner since the beginning.
class Known {
 public:
  explicit Known(const std::vector<Group>& profile) {
    lineage.tlsa = {test_owner()};
    lineage.profile = profile;
    state.name = lineage.name = "mx.example.com";
  }

  Chain issue(const std::string& of) {
    return parse_chain(ca.issue({"mx.example.com"}, of, issued_at, issued_at + std::chrono::hours(24 * 90))).value();
  }
  void published(double when, const RRset& records) {
    state = with_looks(state, {LookBuilder(at(when)).server("ns1.example.com", records).done()});
  }
  [[nodiscard]] bool adopts(const Chain& fresh, double when) const {
    return may_be_adopted(fresh, deployed, lineage, state, at(when));
  }
  [[nodiscard]] Association of_key() const { return association_of(deployed.leaf().key, {3, 1, 1}); }
  [[nodiscard]] Association of_issuer() const { return association_of(deployed.certificates[1].key, {2, 1, 1}); }

  TestCa ca;
  LineageConfig lineage;
  State state;
  const std::string key = test_key();
  const std::string other_key = test_key();
  const Chain deployed = issue(key);
};

const std::vector<Group> of_keys{{3, 1, 1}};
const std::vector<Group> of_issuers{{2, 1, 1}};

}  // namespace

TEST_CASE("The same key is adopted from any issuer while records name keys alone, or nothing is known") {
  Known known(of_keys);
  known.ca.replace_intermediate();
  const Chain fresh = known.issue(known.key);
  CHECK(known.adopts(fresh, 1));
  known.published(1, {known.of_key()});
  CHECK(known.adopts(fresh, 2));
  CHECK_FALSE(known.adopts(known.issue(known.other_key), 2));
}

TEST_CASE("The same key from another issuer waits while a record of the one before is published") {
  Known known(of_keys);
  known.published(1, {known.of_key(), known.of_issuer()});
  CHECK(known.adopts(known.issue(known.key), 1000));
  known.ca.replace_intermediate();
  CHECK_FALSE(known.adopts(known.issue(known.key), 1000));
}

TEST_CASE("Under SHA-512 alone the same key from another issuer waits while senders go by the issuer's record alone") {
  Known known({{3, 1, 2}});
  const Association of_key = association_of(known.deployed.leaf().key, {3, 1, 2});
  const Association of_before = known.of_issuer();
  known.ca.replace_intermediate();
  const Chain fresh = known.issue(known.key);
  const Association of_fresh = association_of(fresh.certificates[1].key, {2, 1, 1});
  known.published(1, {of_key, of_before});
  CHECK_FALSE(known.adopts(fresh, 1000));
  known.published(1000, {of_key, of_before, of_fresh});
  CHECK_FALSE(known.adopts(fresh, 1001));
  CHECK(known.adopts(fresh, 2000));
  known.published(2000, {of_key});
  CHECK_FALSE(known.adopts(fresh, 2001));
  CHECK(known.adopts(fresh, 3000));
}

TEST_CASE("Another key of the same issuer is adopted once the issuer's record is ready") {
  Known known(of_issuers);
  const Chain fresh = known.issue(known.other_key);
  CHECK_FALSE(known.adopts(fresh, 1));  // nobody has looked
  known.published(1, {});
  CHECK(known.adopts(fresh, 2));  // nothing is published: no sender checks
  known.published(3, {known.of_issuer()});
  CHECK_FALSE(known.adopts(fresh, 4));
  CHECK(known.adopts(fresh, 500));
}

TEST_CASE("After a change of the profile another key waits until the new line is ready") {
  Known known(of_issuers);
  const Chain fresh = known.issue(known.other_key);
  known.published(1, {known.of_key()});
  CHECK_FALSE(known.adopts(fresh, 1000));
  known.published(1000, {known.of_key(), known.of_issuer()});
  CHECK_FALSE(known.adopts(fresh, 2000));  // the record of the key still has senders that go by it
  known.published(2000, {known.of_issuer()});
  CHECK(known.adopts(fresh, 3000));
}

TEST_CASE("A chain without the root that the published record names waits, whatever the configuration says now") {
  Known known(of_issuers);
  const Certificate root = parse_chain(known.ca.root_pem()).value().leaf();
  Chain closed = known.deployed;
  closed.certificates.push_back(root);
  known.published(1, {association_of(root.key, {2, 1, 1})});
  const Chain fresh = known.issue(known.key);
  CHECK_FALSE(may_be_adopted(fresh, closed, known.lineage, known.state, at(1000)));
  known.lineage.profile = of_keys;
  CHECK_FALSE(may_be_adopted(fresh, closed, known.lineage, known.state, at(1000)));
}
