#include "core/rollover/state.hpp"

#include <algorithm>

namespace danectl {
namespace {

bool is_deployed(const PresentedGeneration& generation, const State& state) {
  return state.current && state.current->generation == generation.number;
}

// Whether anything tells that servers have loaded what replaced this generation. A `reload` that was set later does
// not.
bool is_told(const PresentedGeneration& generation, const LineageConfig& lineage) {
  return generation.reloaded_by == PresentedGeneration::ReloadedBy::command || !lineage.probe.empty() ||
         generation.word == PresentedGeneration::Word::given;
}

}  // namespace

bool was_current(const State& state, const KeyId& key) {
  if (state.current && state.current->key == key) return false;
  return std::any_of(state.known.begin(), state.known.end(), [&](const KnownKey& known) {
    return known.key == key && known.names == KnownKey::Names::server && known.deployed == KnownKey::Deployed::once;
  });
}

std::vector<KeyId> further_issuers(const LineageConfig& lineage, const State& state) {
  std::vector<KeyId> keys;
  const auto add = [&](const KeyId& key) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  };
  if (!lineage.names_issuers()) return keys;
  for (const Certificate& certificate : lineage.further_issuers) add(certificate.key);
  if (lineage.unread_issuers.empty()) return keys;
  for (const KeyId& key : state.issuers) add(key);
  return keys;
}

ChainKeys keys_of_deployed(const Chain& chain, const LineageConfig& lineage, const State& state) {
  ChainKeys keys = keys_of(chain, lineage);
  const auto& known = state.current;
  if (!keys.anchor && lineage.names_issuers() && known && known->fingerprint == chain.leaf().fingerprint) {
    keys.anchor = known->anchor;
  }
  return keys;
}

std::vector<PresentedGeneration> presented_now(const State& state, const LineageConfig& lineage, const Instant& now) {
  std::vector<PresentedGeneration> presented = state.presented;
  std::erase_if(presented, [&](const PresentedGeneration& generation) {
    if (is_deployed(generation, state) || !generation.reloaded_at) return false;
    return is_told(generation, lineage) && elapsed(*generation.reloaded_at, now) >= lineage.retire_after;
  });
  return presented;
}

std::optional<WallTime> presented_until(const PresentedGeneration& generation, const LineageConfig& lineage,
                                        const Instant& now) {
  if (!generation.reloaded_at) return std::nullopt;
  if (!is_told(generation, lineage)) return std::nullopt;
  return over_at(*generation.reloaded_at, lineage.retire_after, now);
}

State counted(State state, const LineageConfig& lineage, const Reading& reading) {
  for (PresentedGeneration& generation : state.presented) {
    std::optional<Since>& since = generation.reloaded_at;
    if (since && since->counted < lineage.retire_after) since = counted(*since, reading);
  }
  return state;
}

State with_word(State state, RetireRule rule) {
  const auto replaced = [&](const PresentedGeneration& one) { return one.reloaded_at && !is_deployed(one, state); };
  if (rule == RetireRule::now_by_a_person) std::erase_if(state.presented, replaced);
  if (rule == RetireRule::by_a_person) {
    for (PresentedGeneration& one : state.presented) {
      if (replaced(one)) one.word = PresentedGeneration::Word::given;
    }
  }
  return state;
}

State with_reloaded(State state, const Reading& now, PresentedGeneration::ReloadedBy by) {
  state.pending.reload_since.reset();
  state.hook_error.clear();
  for (PresentedGeneration& generation : state.presented) {
    if (is_deployed(generation, state) || generation.reloaded_at) continue;
    generation.reloaded_at = now;
    generation.reloaded_by = by;
  }
  return state;
}

}  // namespace danectl
