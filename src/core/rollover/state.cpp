#include "core/rollover/state.hpp"

#include <algorithm>
#include <utility>

namespace danectl {

OwnerLedger ledger_of(const State& state, const DnsName& owner) {
  for (const OwnerLedger& ledger : state.ledgers) {
    if (ledger.owner == owner) return ledger;
  }
  OwnerLedger fresh;
  fresh.owner = owner;
  return fresh;
}

State with_looks(State state, const std::vector<OwnerLook>& looks) {
  std::vector<OwnerLedger> ledgers;
  for (const OwnerLook& look : looks) {
    const OwnerLedger before = ledger_of(state, look.owner);
    ledgers.push_back(after_look(before, look));
    // Or a record whose time a person had ended (`retire --now`) would be missing, and be published again.
    std::erase_if(state.retiring, [&](const RetiringRecord& record) {
      return record.owner == look.owner && contains(before.withdrawn, record.association) &&
             absent_everywhere(look, record.association);
    });
  }
  std::sort(ledgers.begin(), ledgers.end(),
            [](const OwnerLedger& a, const OwnerLedger& b) { return a.owner < b.owner; });
  state.ledgers = std::move(ledgers);
  return state;
}

State with_withdrawn(State state, const DnsName& canonical, const std::vector<Association>& associations) {
  for (OwnerLedger& ledger : state.ledgers) {
    if (ledger.canonical() == canonical) ledger = with_withdrawn(std::move(ledger), associations);
  }
  return state;
}

State with_published(State state, const DnsName& canonical, const std::vector<Association>& associations) {
  for (OwnerLedger& ledger : state.ledgers) {
    if (ledger.canonical() == canonical) ledger = with_published(std::move(ledger), associations);
  }
  return state;
}

State with_given_back(State state, const OwnerLook& look) {
  RRset there;
  for (const Association& association : ledger_of(state, look.owner).withdrawn) {
    if (sighting(look, association).presence == Presence::everywhere) there.push_back(association);
  }
  return with_published(std::move(state), look.canonical(), there);
}

ChainKeys keys_of_deployed(const Chain& chain, const LineageConfig& lineage, const State& state) {
  ChainKeys keys = keys_of(chain, lineage);
  const auto& known = state.current;
  if (!keys.anchor && lineage.names_issuers() && known && known->fingerprint == chain.leaf().fingerprint) {
    keys.anchor = known->anchor;
  }
  return keys;
}

bool was_anchor(const State& state, const KeyId& key) {
  return std::find(state.past_anchors.begin(), state.past_anchors.end(), key.sha256) != state.past_anchors.end();
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

bool was_current(const State& state, const KeyId& key) {
  return std::find(state.past_keys.begin(), state.past_keys.end(), key.sha256) != state.past_keys.end();
}

}  // namespace danectl
