#include "core/rollover/settle.hpp"

#include <algorithm>
#include <utility>

namespace danectl {
namespace {

using Seen = PresentedGeneration::Seen;

KnownKey& known_of(State& state, const KeyId& key, KnownKey::Names names) {
  for (KnownKey& known : state.known) {
    if (known.key == key && known.names == names) return known;
  }
  state.known.push_back({key, names});
  return state.known.back();
}

void know(State& state, const ChainKeys& keys, KnownKey::Deployed deployed) {
  for (const auto names : {KnownKey::Names::server, KnownKey::Names::issuer}) {
    if (names == KnownKey::Names::issuer && !keys.anchor) continue;
    KnownKey& known = known_of(state, names == KnownKey::Names::server ? keys.key : *keys.anchor, names);
    if (deployed == KnownKey::Deployed::once) known.deployed = deployed;
  }
}

// A record of an issuer may be published whatever the profile is now: each certificate of a chain but the first.
void know_chain(State& state, const Chain& chain, KnownKey::Deployed deployed) {
  know(state, {chain.leaf().key, std::nullopt}, deployed);
  for (std::size_t i = 1; i < chain.certificates.size(); ++i) {
    know(state, {chain.leaf().key, chain.certificates[i].key}, deployed);
  }
}

// What a candidate waits for goes by the present configuration, not by that under which it was kept. Two copies of one
// chain may become the same by it.
void refresh_candidates(State& state, const Facts& facts) {
  std::vector<CandidateKey> refreshed;
  for (std::size_t i = 0; i < facts.state.candidates.size(); ++i) {
    CandidateKey candidate = facts.state.candidates[i];
    if (i < facts.candidates.size() && facts.candidates[i].kept) candidate.anchor = facts.candidates[i].keys.anchor;
    std::erase_if(refreshed, [&](const CandidateKey& older) {
      return older.fingerprint == candidate.fingerprint && older.keys() == candidate.keys();
    });
    refreshed.push_back(std::move(candidate));
  }
  state.candidates = std::move(refreshed);
}

// A candidate older than the chain that was deployed lost its turn. All of them did when the staged key was promoted,
// since certbot's lineage then goes on with that one.
void drop_older_candidates(State& state, const Certificate& deployed) {
  const bool was_next = state.next && state.next->key == deployed.key;
  std::erase_if(state.candidates,
                [&](const CandidateKey& one) { return was_next || one.not_before < deployed.not_before; });
}

void drop_deployed_candidates(State& state) {
  if (!state.current) return;
  std::erase_if(state.candidates, [&](const CandidateKey& candidate) {
    return candidate.fingerprint == state.current->fingerprint && candidate.keys() == state.current->keys();
  });
}

PresentedGeneration* presented_of(State& state, unsigned number) {
  for (PresentedGeneration& one : state.presented) {
    if (one.number == number) return &one;
  }
  return nullptr;
}

// The generations that the state names as presented, as the link shows them.
void settle_presented(State& state, const Facts& facts) {
  const unsigned deployed = facts.deployed->generation;
  if (presented_of(state, deployed) == nullptr) {
    // The state is older than the files: whatever is on disk may be presented.
    state.presented.clear();
    for (const unsigned number : facts.generations) state.presented.push_back({number, Seen::live});
    if (presented_of(state, deployed) == nullptr) state.presented.push_back({deployed, Seen::live});
  }
  PresentedGeneration& live = *presented_of(state, deployed);
  live.seen = Seen::live;
  live.reloaded_at.reset();
  live.reloaded_by = PresentedGeneration::ReloadedBy::nothing;
  live.word = PresentedGeneration::Word::missing;
  // The state noted a generation, and live/NAME was never switched to it: the note goes.
  std::erase_if(state.presented, [&](const PresentedGeneration& one) {
    const bool on_disk =
        std::find(facts.generations.begin(), facts.generations.end(), one.number) != facts.generations.end();
    return one.number != deployed && (one.seen == Seen::not_yet || !on_disk);
  });
}

// A `reload` that was set since a generation was replaced: the command has to run before that one counts as gone.
void settle_new_reload(State& state, const LineageConfig& lineage, const Instant& now) {
  if (lineage.reload.empty()) return;
  for (PresentedGeneration& one : state.presented) {
    const bool counted = one.reloaded_at && one.reloaded_by == PresentedGeneration::ReloadedBy::nothing;
    if (!counted || one.word == PresentedGeneration::Word::given) continue;
    one.reloaded_at.reset();
    state.pending.reload_since = now;
  }
}

void settle_current(State& state, const LineageConfig& lineage, const Facts& facts, const Instant& now) {
  const DeployedFact& deployed = *facts.deployed;
  const bool came_back = state_is_older(facts);
  settle_presented(state, facts);
  const Certificate& leaf = deployed.chain.leaf();
  const ChainKeys keys = keys_of_deployed(deployed.chain, lineage, state);
  const std::optional<CurrentKey> before = state.current;
  CurrentKey seen{keys.key,       deployed.generation,          leaf.fingerprint,
                  leaf.not_after, before ? before->since : now, keys.anchor};
  if (came_back && facts.generations.size() > 1) state.pending.reload_since = now;
  if (before == seen) return;
  const bool replaced = before && differ(before->keys(), keys, lineage);
  if (before && !(before->key == keys.key)) seen.since = now;
  state.current = seen;
  if (!before || before->fingerprint != leaf.fingerprint || replaced) drop_older_candidates(state, leaf);
  state.hook_error.clear();  // what the hook could not take over has been taken over since
  if (!before) return;       // enrolment: no server reads live/NAME yet
  state.pending.reload_since = now;
  if (!replaced) return;
  state.pending.certbot_hooks_since = now;
  if (lineage.stages_keys()) state.pending.stage_since = now;
}

void forget_orders(State& state) {
  state.ca_refusals.reset();
  state.pending.order_since.reset();
}

void settle_next(State& state, const LineageConfig& lineage, const std::optional<NextFact>& next, const Instant& now) {
  const bool staged = next && !(state.current && next->key == state.current->key);
  if (state.next && staged && state.next->key == next->key) {
    if (!next->issued) return;  // or not for this user to read
    state.next->anchor = keys_of_next(*next, lineage).anchor;
    const bool good = next->way.ready() && !next->issued->refused && !next->issued->due;
    if (good) forget_orders(state);
    return;
  }
  forget_orders(state);  // they were for a key that is no longer next
  state.next.reset();
  if (staged) state.next = NextKey{next->key, now, keys_of_next(*next, lineage).anchor};
}

void settle_known(State& state, const LineageConfig& lineage, const Facts& facts, const Instant& now) {
  using Deployed = KnownKey::Deployed;
  for (const DeployedFact& before : facts.presented) know_chain(state, before.chain, Deployed::once);
  if (facts.deployed) know_chain(state, facts.deployed->chain, Deployed::once);
  if (state.next) know(state, state.next->keys(), Deployed::never);
  if (facts.next && facts.next->issued) know_chain(state, facts.next->issued->chain, Deployed::never);
  for (const CandidateKey& candidate : state.candidates) know(state, candidate.keys(), Deployed::never);
  for (const CandidateFact& candidate : facts.candidates) {
    if (candidate.kept) know_chain(state, candidate.kept->chain, Deployed::never);
  }
  state.issuers = further_issuers(lineage, state);
  for (const KeyId& issuer : state.issuers) known_of(state, issuer, KnownKey::Names::issuer);
  std::vector<Association> wanted;
  for (const Wanted& one : wanted_by(chains_of(facts, lineage), lineage.profile)) wanted.push_back(one.association);
  for (KnownKey& known : state.known) {
    const std::vector<Association> records = records_of(known);
    const bool any = std::any_of(records.begin(), records.end(), [&](const Association& record) {
      return std::find(wanted.begin(), wanted.end(), record) != wanted.end();
    });
    if (any) {
      known.unwanted_since.reset();
    } else if (!known.unwanted_since) {
      known.unwanted_since = now;
    }
  }
}

}  // namespace

bool state_is_older(const Facts& facts) {
  if (!facts.deployed) return false;
  const std::vector<PresentedGeneration>& presented = facts.state.presented;
  return std::none_of(presented.begin(), presented.end(),
                      [&](const PresentedGeneration& one) { return one.number == facts.deployed->generation; });
}

State settled(const Facts& facts, const LineageConfig& lineage, const Instant& now) {
  State state = facts.state;
  state.owners = lineage.tlsa;
  refresh_candidates(state, facts);
  if (facts.deployed) settle_current(state, lineage, facts, now);
  settle_new_reload(state, lineage, now);
  settle_next(state, lineage, facts.next, now);
  if (state.next) state.pending.stage_since.reset();
  drop_deployed_candidates(state);
  settle_known(state, lineage, facts, now);
  return state;
}

}  // namespace danectl
