// When a chain may be deployed: how far it is, and since when.
#include "core/rollover/question.hpp"

#include "fakes/looks.hpp"
#include "fakes/published_owner.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

using Kind = Objection::Kind;

Association stronger(const Chain& chain) {
  return spki(chain, "3 1 2");
}

// An owner, what its servers gave look by look, and a chain that is to be deployed.
class Asked {
 public:
  void see(const SeenAt& look) {
    ledgers.try_emplace(test_owner(), Ledger{.name = test_owner()});
    ledgers[test_owner()] = after_look(ledgers[test_owner()], look);
    looks = {look};
  }
  void see(double when, const RRset& records) { see(LookBuilder(at(when)).server("ns1.example.com", records).done()); }
  // Nothing was ever there but these, for long.
  void see_for_long(const RRset& records) {
    see(0, records);
    see(1000, records);
  }
  [[nodiscard]] Seen seen(double now) const { return {ledgers, looks, at(now), caches}; }
  [[nodiscard]] Readiness ready(double now, const RRset& needed = {}) const {
    return readiness(seen(now), rule, {"the chain", KnownChain{shared(chain)}}, {needed, {}}, at(now).wall);
  }

  Ledgers ledgers;
  std::vector<OwnerLook> looks;
  DeployRule rule{{test_owner()}, {{3, 1, 1}}, Seconds{0}};
  Caches caches = Caches::count;
  Chain chain = new_chain();
  Association own = spki(chain);
};

}  // namespace

TEST_CASE_METHOD(Asked,
                 "A chain is visible since the last version ended by which it fails, and ready when it is let go") {
  see_for_long({record_of('a')});
  CHECK(ready(1000).stage == KeyStage::staged);
  CHECK_FALSE(ready(1000).visible_since);
  see(2000, {record_of('a'), own});
  const Readiness waiting = ready(2001);
  CHECK(waiting.stage == KeyStage::visible);
  CHECK(waiting.visible_since == at(2000).wall);
  CHECK(waiting.ready_at == at(2120).wall);
  CHECK(waiting.hold_down == Seconds{120});
  CHECK(waiting.remaining == Seconds{119});
  CHECK(ready(2120).ready());
  CHECK(ready(2120).visible_since == at(2000).wall);
  CHECK(ready(9000).ready_at == at(2120).wall);
}

TEST_CASE_METHOD(Asked, "A record that vanishes from one server and returns is visible anew since then") {
  see_for_long({own});
  see(2000, {record_of('a')});
  CHECK(ready(2000).stage == KeyStage::staged);
  see(2010, {own});
  CHECK(ready(2010).visible_since == at(2010).wall);
  CHECK(ready(2010).ready_at == at(2130).wall);
}

TEST_CASE_METHOD(Asked, "min_hold makes the hold-down longer, never shorter") {
  see_for_long({record_of('a')});
  see(2000, {own});
  rule.min_hold = Seconds{600};
  CHECK(ready(2001).ready_at == at(2600).wall);
  rule.min_hold = Seconds{10};
  CHECK(ready(2001).ready_at == at(2120).wall);
}

TEST_CASE_METHOD(Asked, "A server that is silent for one look takes nothing back, and is not ready either") {
  see_for_long({record_of('a')});
  see(2000, {own});
  see(LookBuilder(at(2200)).silent("ns1.example.com").done());
  const Readiness way = ready(2200);
  CHECK_FALSE(way.ready());
  CHECK(way.visible_since == at(2000).wall);
  see(2201, {own});
  CHECK(ready(2201).ready());
}

TEST_CASE_METHOD(Asked,
                 "A needed record that one server lacks is missing there, also where the chain passes by another") {
  rule.profile = {{3, 1, 1}, {2, 1, 1}};
  see_for_long({own, anchor(chain)});
  const Readiness way = ready(1000, {own, record_of('f')});
  REQUIRE(way.objections.size() == 1);
  CHECK(way.objections.front().kind == Kind::missing);
  CHECK(way.objections.front().server == "ns1.example.com (192.0.2.1)");
  CHECK(way.objections.front().record == record_of('f'));
  CHECK(way.stage == KeyStage::staged);
  CHECK(ready(1000, {own}).ready());
}

TEST_CASE_METHOD(Asked, "Without the hold-down a chain must be visible all the same") {
  caches = Caches::left_out_by_a_person;
  see_for_long({record_of('a')});
  CHECK_FALSE(ready(1000).ready());
  see(2000, {own});
  CHECK(ready(2000).ready());
}

TEST_CASE_METHOD(Asked, "A stronger digest of another key holds a chain up, and for the hold-down after it has gone") {
  see_for_long({own, stronger(new_chain())});
  CHECK(ready(1000).stage == KeyStage::staged);
  see(2000, {own});
  CHECK(ready(2119).stage == KeyStage::visible);
  CHECK(ready(2120).ready());
}

TEST_CASE_METHOD(Asked,
                 "Where a stronger digest is published the chain's own must have been visible for the hold-down") {
  const Association of_others = stronger(new_chain());
  see_for_long({own, of_others});
  see(2000, {own, of_others, stronger(chain)});
  CHECK_FALSE(ready(2000).ready());
  CHECK(ready(2120).ready());
}
