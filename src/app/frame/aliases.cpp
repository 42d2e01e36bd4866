#include "app/frame/aliases.hpp"

namespace danectl {

void Aliases::note(const std::vector<OwnerLook>& looks) {
  for (const OwnerLook& look : looks) {
    if (look.chain.empty()) continue;  // not known: what a state remembers is better than nothing
    looked_at_.insert(look.owner);
    canonical_.erase(look.owner);
    if (look.canonical() != look.owner) canonical_.emplace(look.owner, look.canonical());
  }
}

void Aliases::note(const State& state) {
  for (const OwnerLedger& ledger : state.ledgers) {
    const bool alias = !ledger.chain.empty() && ledger.chain.back() != ledger.owner;
    if (alias && !looked_at(ledger.owner)) canonical_.insert_or_assign(ledger.owner, ledger.chain.back());
  }
}

const DnsName& Aliases::canonical(const DnsName& owner) const {
  const auto found = canonical_.find(owner);
  return found == canonical_.end() ? owner : found->second;
}

}  // namespace danectl
