// A TLSA owner as `check` sees it: what its name servers have, what lineages deploy, what servers present.
#pragma once

#include "core/check/check_records.hpp"

#include "fakes/looks.hpp"
#include "fakes/places.hpp"
#include "fakes/test_ca.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

namespace danectl {

inline constexpr std::chrono::hours a_day{24};

// For the host of test_owner(): end entity and intermediate.
inline Chain new_chain(KeyType type = KeyType::ecdsa_p256) {
  static const TestCa ca;
  return parse_chain(ca.issue({"mx.example.com"}, test_key(type), at(0).wall - a_day, at(0).wall + 89 * a_day)).value();
}
inline Chain self_signed_chain() {
  return parse_chain(self_signed(test_key(), {"mx.example.com"})).value();
}
inline Association spki(const KeyId& key, const std::string& group = "3 1 1") {
  return association_of(key, Group::parse(group).value());
}
inline Association spki(const Chain& chain, const std::string& group = "3 1 1") {
  return spki(chain.leaf().key, group);
}
// Of the issuer.
inline Association anchor(const Chain& chain) {
  return record("2 1 1 " + chain.certificates.at(1).key.sha256);
}

class PublishedOwner {
 public:
  struct Enrolled {
    LineageConfig lineage;
    Facts facts;

    [[nodiscard]] const Chain& deployed() const { return facts.deployed->chain; }
    [[nodiscard]] Association current() const { return spki(deployed()); }
    [[nodiscard]] Association next() const { return spki(facts.next->key); }
    // A key that was deployed, whose record nobody wants since then.
    void retire(const KeyId& key, const Instant& since) {
      facts.state.known.push_back({key, KnownKey::Names::server, KnownKey::Deployed::once, since});
    }
    void add_candidate(const KeyId& key) {
      facts.candidates.push_back({{key, std::nullopt}, std::nullopt, {}});
      facts.state.candidates.push_back({key, {}, {}, {}, at(0)});
    }
  };

  // With a next key that has been ready for days.
  Enrolled& enroll(const std::string& lineage_name, const Chain& chain = new_chain()) {
    Enrolled& one = enrolled_.emplace_back();
    one.lineage.name = lineage_name;
    one.lineage.tlsa = {test_owner()};
    one.facts.deployed = DeployedFact{1, chain};
    one.facts.state.name = lineage_name;
    one.facts.state.current = CurrentKey{chain.leaf().key, 1, {}, {}, at(-86400 * 10)};
    one.facts.state.presented = {{1, PresentedGeneration::Seen::live}};
    stage(one, new_chain().leaf().key, at(-86400 * 10), KeyStage::ready);
    return one;
  }
  static void stage(Enrolled& one, const KeyId& key, const Instant& when, KeyStage stage) {
    Readiness way{.stage = stage};
    way.visible_since = when.wall;
    way.hold_down = Seconds{7200};
    one.facts.next = NextFact{key, std::nullopt, way};
    one.facts.state.next = NextKey{key, when};
  }

  // At both name servers.
  void publish(const RRset& records) { publish(records, records); }
  void publish(const RRset& at_first, const RRset& at_second) {
    look = LookBuilder(at(0))
               .server("ns1.example.com", at_first, Seconds{3600})
               .server("ns2.example.com", at_second, Seconds{3600})
               .done();
  }

  [[nodiscard]] std::vector<LineageFacts> lineages() const {
    std::vector<LineageFacts> all;
    for (const Enrolled& one : enrolled_) all.push_back({one.lineage, one.facts});
    return all;
  }
  [[nodiscard]] std::vector<Finding> findings() {
    observe_place();
    const std::vector<LineageFacts> on_owner = lineages();
    return check_records({look, on_owner, presented, at(0)});
  }
  // The only one.
  [[nodiscard]] Finding only(FindingId id, Severity severity = Severity::warning) {
    const std::vector<Finding> found = findings();
    for (const Finding& finding : found) UNSCOPED_INFO(to_text(finding.id) << ": " << finding.message);
    REQUIRE(found.size() == 1);
    CHECK(to_text(found.front().id) == to_text(id));
    CHECK(found.front().severity == severity);
    CHECK_FALSE(found.front().message.empty());
    CHECK_FALSE(found.front().remedy.empty());
    return found.front();
  }
  // Among others.
  [[nodiscard]] bool has(FindingId id, Severity severity = Severity::warning) {
    const std::vector<Finding> found = findings();
    return std::any_of(found.begin(), found.end(),
                       [&](const Finding& finding) { return finding.id == id && finding.severity == severity; });
  }
  [[nodiscard]] bool healthy() { return findings().empty(); }

  SeenAt look = LookBuilder(at(0)).done();
  std::vector<Chain> presented;

 private:
  // The name where the records stand, as each lineage finds it.
  void observe_place() {
    std::vector<LineageOn> on;
    for (const Enrolled& one : enrolled_) on.push_back(lineage_on(one.facts, one.lineage, {"mx.example.com"}, at(0)));
    const PlaceFact fact = place_fact_at(look, on);
    for (Enrolled& one : enrolled_) one.facts.places = {fact};
  }

  std::deque<Enrolled> enrolled_;
};

inline bool says(const Finding& finding, const std::string& words) {
  return finding.message.find(words) != std::string::npos;
}

}  // namespace danectl
