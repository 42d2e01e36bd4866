#include "core/rollover/state.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

using Seen = PresentedGeneration::Seen;
using By = PresentedGeneration::ReloadedBy;
using Word = PresentedGeneration::Word;

// Generation 2 is deployed, generation 1 was before it.
struct Replaced {
  Replaced() {
    lineage.name = "mx";
    lineage.retire_after = Seconds{1000};
    lineage.reload = {{"reload-server"}};
    state.current = CurrentKey{};
    state.current->generation = 2;
    state.presented = {{1, Seen::live}, {2, Seen::live}};
    state.pending.reload_since = at(100);
  }
  [[nodiscard]] std::vector<unsigned> presented(double now) const {
    std::vector<unsigned> numbers;
    for (const PresentedGeneration& one : presented_now(state, lineage, at(now))) numbers.push_back(one.number);
    return numbers;
  }

  LineageConfig lineage;
  State state;
  const std::vector<unsigned> both{1, 2};
  const std::vector<unsigned> deployed{2};
};

}  // namespace

TEST_CASE_METHOD(Replaced,
                 "A chain of before is presented until a reload has succeeded and retire_after has passed since") {
  CHECK(presented(1'000'000) == both);
  CHECK_FALSE(presented_until(state.presented.front(), lineage, at(500)));
  state = with_reloaded(state, {at(500)}, By::command);
  CHECK_FALSE(state.pending.reload_since);
  CHECK(presented(1499) == both);
  CHECK(presented_until(state.presented.front(), lineage, at(600)) == at(1500).wall);
  CHECK(presented(1500) == deployed);
}

TEST_CASE_METHOD(Replaced, "The first reload counts, not the last") {
  state = with_reloaded(with_reloaded(state, {at(500)}, By::command), {at(900)}, By::command);
  CHECK(presented(1500) == deployed);
}

TEST_CASE_METHOD(Replaced, "The deployed chain is presented, whatever reloads and time say") {
  state = with_reloaded(state, {at(500)}, By::command);
  CHECK_FALSE(state.presented.back().reloaded_at);
  CHECK(presented(1'000'000) == deployed);
}

TEST_CASE_METHOD(Replaced, "With neither reload nor probe a person's word is needed besides, with either it is not") {
  lineage.reload.clear();
  state = with_reloaded(state, {at(500)}, By::nothing);
  CHECK(presented(1'000'000) == both);
  CHECK_FALSE(presented_until(state.presented.front(), lineage, at(600)));
  LineageConfig probed = lineage;
  probed.probe = {ProbeUrl::parse("smtp://mx.example.com:25").value()};
  CHECK(presented_now(state, probed, at(1500)).size() == 1);
  state = with_word(state, RetireRule::by_a_person);
  CHECK(presented(1499) == both);
  CHECK(presented(1500) == deployed);
}

TEST_CASE_METHOD(Replaced, "A reload command that is set later tells nothing of what was replaced before it") {
  state = with_reloaded(state, {at(500)}, By::nothing);
  REQUIRE_FALSE(lineage.reload.empty());
  CHECK(presented(1'000'000) == both);
  CHECK_FALSE(presented_until(state.presented.front(), lineage, at(600)));
}

TEST_CASE_METHOD(Replaced, "A person in a hurry skips retire_after and no reload") {
  CHECK(with_word(state, RetireRule::now_by_a_person) == state);
  CHECK(with_word(state, RetireRule::by_a_person) == state);
  state = with_word(with_reloaded(state, {at(500)}, By::command), RetireRule::now_by_a_person);
  CHECK(presented(501) == deployed);
}

TEST_CASE_METHOD(Replaced, "Nobody's word changes nothing") {
  state = with_reloaded(state, {at(500)}, By::command);
  CHECK(with_word(state, RetireRule::unattended) == state);
}

TEST_CASE_METHOD(Replaced, "A clock set forward ends nothing: the clock since boot did not move") {
  state = with_reloaded(state, {at(500)}, By::command);
  Instant forward = at(510);
  forward.wall += std::chrono::hours(24);
  CHECK(presented_now(state, lineage, forward).size() == 2);
}

TEST_CASE_METHOD(Replaced, "A reboot with a clock set ahead ends nothing before retire_after has passed") {
  state = counted(with_reloaded(state, {at(500)}, By::command), lineage, {at(600)});
  const auto in_new_boot = [](double seconds) {
    Instant now = at(seconds, "boot-2");
    now.wall += std::chrono::hours(48);
    return now;
  };
  CHECK(presented_now(state, lineage, in_new_boot(5000)) == state.presented);
  CHECK(presented_until(state.presented.front(), lineage, in_new_boot(5000)) == in_new_boot(5900).wall);
  // Without a look of that boot nothing is counted.
  CHECK(presented_now(state, lineage, in_new_boot(9000)) == state.presented);
  state = counted(state, lineage, {in_new_boot(9000)});
  CHECK(presented_now(state, lineage, in_new_boot(9899)) == state.presented);
  CHECK(presented_now(state, lineage, in_new_boot(9900)).size() == 1);
  state = counted(state, lineage, {in_new_boot(9000), at(1500).wall});
  CHECK(presented_now(state, lineage, in_new_boot(9000)).size() == 1);
}

TEST_CASE_METHOD(Replaced, "When retire_after is over, counting ends, so that a call without news writes nothing") {
  state = counted(with_reloaded(state, {at(500)}, By::command), lineage, {at(1500)});
  CHECK(counted(state, lineage, {at(1600)}) == state);
}

TEST_CASE("A key was current before if it was deployed once and is not now") {
  const auto key = [](char digit) {
    return KeyId{std::string(64, digit), std::string(128, digit), KeyType::ecdsa_p256};
  };
  State state;
  state.current = CurrentKey{};
  state.current->key = key('a');
  state.known = {{key('a'), KnownKey::Names::server, KnownKey::Deployed::once, {}},
                 {key('b'), KnownKey::Names::server, KnownKey::Deployed::never, {}},
                 {key('c'), KnownKey::Names::server, KnownKey::Deployed::once, at(5)},
                 {key('d'), KnownKey::Names::issuer, KnownKey::Deployed::once, at(5)}};
  CHECK_FALSE(was_current(state, key('a')));
  CHECK_FALSE(was_current(state, key('b')));
  CHECK(was_current(state, key('c')));
  CHECK_FALSE(was_current(state, key('d')));
}
