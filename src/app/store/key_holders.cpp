#include "app/store/key_holders.hpp"

#include "app/store/store.hpp"

#include <algorithm>

namespace danectl {

void KeyHolders::load(Files& files, const Paths& paths, const std::vector<LineageConfig>& lineages) {
  if (held_) return;
  held_.emplace();
  for (const LineageConfig& lineage : lineages) {
    const auto state = load_state(files, paths, lineage.name);
    if (!state) continue;
    for (const KnownKey& known : state->known) held_->push_back({lineage.name, known});
    if (state->current) held_->push_back({lineage.name, {state->current->key}});
    if (state->next) held_->push_back({lineage.name, {state->next->key}});
    for (const CandidateKey& candidate : state->candidates) held_->push_back({lineage.name, {candidate.key}});
  }
}

std::string KeyHolders::of(const KeyId& key) const {
  const auto found = std::find_if(held_->begin(), held_->end(), [&](const Held& one) {
    return one.key.names == KnownKey::Names::server && one.key.key == key;
  });
  return found == held_->end() ? std::string() : found->lineage;
}

std::string KeyHolders::of(const Association& record) const {
  const auto found = std::find_if(held_->begin(), held_->end(), [&](const Held& one) {
    const std::vector<Association> records = records_of(one.key);
    return std::find(records.begin(), records.end(), record) != records.end();
  });
  return found == held_->end() ? std::string() : found->lineage;
}

}  // namespace danectl
