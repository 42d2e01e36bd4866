#include "core/rollover/settle.hpp"

#include <algorithm>
#include <utility>

namespace danectl {
namespace {

RetiringRecord* find_retiring(State& state, const DnsName& owner, const Association& association) {
  const auto found = std::find_if(state.retiring.begin(), state.retiring.end(), [&](const RetiringRecord& record) {
    return record.owner == owner && record.association == association;
  });
  return found == state.retiring.end() ? nullptr : &*found;
}

// What was deployed ever may still be presented somewhere, whatever it was wanted for last.
Served served_at_all(const State& state, const Association& association, const KeyId& named, Served last) {
  const bool before = association.group.usage == 2 ? was_anchor(state, named) : was_current(state, named);
  return before ? Served::perhaps : last;
}

void retire_record(State& state, const DnsName& owner, const Association& association, const KeyId& named, Served last,
                   const Instant& now) {
  const Served served = served_at_all(state, association, named, last);
  RetiringRecord* const known = find_retiring(state, owner, association);
  if (known != nullptr && (known->served == Served::perhaps || served == Served::never)) return;
  const RetiringRecord record{owner, association, now, served, std::nullopt, named};
  if (known != nullptr) {
    *known = record;
  } else {
    state.retiring.push_back(record);
  }
}

void retire(State& state, const LineageConfig& lineage, const ChainKeys& keys, Served last, const Instant& now) {
  for (const DnsName& owner : lineage.tlsa) {
    for (const Association& association : associations_of(keys, lineage.profile)) {
      const KeyId& named = association.group.usage == 2 ? *keys.anchor : keys.key;
      retire_record(state, owner, association, named, last, now);
    }
  }
}

bool is_over(const std::vector<Retirement>& judged, const RetiringRecord& record) {
  return std::any_of(judged.begin(), judged.end(),
                     [&](const Retirement& one) { return one.record == record && !one.in_its_time; });
}

// The profile may have got another line since: a server that still presents the key then needs that record, too, or the
// other keys' stronger digests would hide the one it has (RFC 7671 section 9).
void widen_retiring(State& state, const LineageConfig& lineage, const std::vector<Retirement>& judged) {
  for (const RetiringRecord& record : std::vector<RetiringRecord>(state.retiring)) {
    if (is_over(judged, record)) continue;
    if (!record.key || std::find(lineage.tlsa.begin(), lineage.tlsa.end(), record.owner) == lineage.tlsa.end())
      continue;
    if (contains(ledger_of(state, record.owner).withdrawn, record.association)) continue;  // nobody needs it any more
    for (const Group& group : lineage.profile) {
      if (group.usage != record.association.group.usage) continue;
      const Association association = association_of(*record.key, group);
      if (find_retiring(state, record.owner, association) != nullptr) continue;
      RetiringRecord wider = record;
      wider.association = association;
      state.retiring.push_back(wider);
    }
  }
}

// A key that was served is never a candidate again; an issuer may be.
void pass_over(State& state, const LineageConfig& lineage, const ChainKeys& keys, Served served, const Instant& now) {
  retire(state, lineage, keys, served, now);
  const bool deployed = state.current && state.current->key == keys.key;
  if (lineage.names_keys() && !deployed && !was_current(state, keys.key)) state.past_keys.push_back(keys.key.sha256);
}

bool was_visible(const State& state, const LineageConfig& lineage, const ChainKeys& keys) {
  const std::vector<Association> associations = associations_of(keys, lineage.profile);
  return std::any_of(state.ledgers.begin(), state.ledgers.end(), [&](const OwnerLedger& ledger) {
    return std::any_of(associations.begin(), associations.end(),
                       [&](const Association& association) { return visible_since(ledger, association).has_value(); });
  });
}

// A candidate older than what was deployed lost its turn; so did all of them when a person's next key was promoted,
// since certbot's lineage then goes on with that one.
void pass_over_candidates(State& state, const LineageConfig& lineage, const Certificate& deployed, Served unseen,
                          const Instant& now) {
  const bool was_next = state.next && state.next->key == deployed.key;
  std::vector<CandidateKey> staying;
  for (const CandidateKey& candidate : std::exchange(state.candidates, {})) {
    if (candidate.keys() == state.current->keys()) continue;
    if (was_next || candidate.not_before < deployed.not_before) {
      // It was not deployed here, but it lies in certbot's own folder, where a server may have found it. One whose
      // record nobody ever saw everywhere was of no use to such a server.
      pass_over(state, lineage, candidate.keys(),
                was_visible(state, lineage, candidate.keys()) ? Served::perhaps : unseen, now);
    } else {
      staying.push_back(candidate);
    }
  }
  state.candidates = std::move(staying);
}

// What a candidate waits for goes by the present configuration, not by that under which it was kept. Two copies of one
// chain may become the same by it.
void refresh_candidates(State& state, const Facts& facts, const LineageConfig& lineage, const Instant& now) {
  std::vector<CandidateKey> refreshed;
  for (std::size_t i = 0; i < facts.state.candidates.size(); ++i) {
    CandidateKey candidate = facts.state.candidates[i];
    const bool known = i < facts.candidates.size() && facts.candidates[i].kept;
    const std::optional<KeyId> anchor = known ? facts.candidates[i].keys.anchor : candidate.anchor;
    if (candidate.anchor && !(candidate.anchor == anchor)) {
      // That of the key is still wanted, and stays.
      retire(state, lineage, candidate.keys(),
             was_visible(state, lineage, candidate.keys()) ? Served::perhaps : Served::never, now);
    }
    candidate.anchor = anchor;
    std::erase_if(refreshed, [&](const CandidateKey& older) {
      return older.fingerprint == candidate.fingerprint && older.keys() == candidate.keys();
    });
    refreshed.push_back(std::move(candidate));
  }
  state.candidates = std::move(refreshed);
}

void drop_deployed_candidates(State& state) {
  if (!state.current) return;
  std::erase_if(state.candidates, [&](const CandidateKey& candidate) {
    return candidate.fingerprint == state.current->fingerprint && candidate.keys() == state.current->keys();
  });
}

// A state that knows of every generation knows, too, what was never deployed; one put back from a backup does not.
Served what_was_not_seen(const State& state, const std::optional<DeployedFact>& deployed) {
  if (!state.current || !deployed) return Served::perhaps;
  const unsigned known = state.current->generation;
  return deployed->generation == known || deployed->generation == known + 1 ? Served::never : Served::perhaps;
}

void settle_current(State& state, const LineageConfig& lineage, const DeployedFact& deployed, Served unseen,
                    const Instant& now) {
  const Certificate& leaf = deployed.chain.leaf();
  const ChainKeys keys = keys_of_deployed(deployed.chain, lineage, state);
  const std::optional<CurrentKey> before = state.current;
  CurrentKey seen{keys.key,       deployed.generation,          leaf.fingerprint,
                  leaf.not_after, before ? before->since : now, keys.anchor};
  if (before == seen) return;
  const bool replaced = before && differ(before->keys(), keys, lineage);
  if (before && !(before->key == keys.key)) seen.since = now;
  state.current = seen;
  if (seen.anchor && !was_anchor(state, *seen.anchor)) state.past_anchors.push_back(seen.anchor->sha256);
  if (replaced) pass_over(state, lineage, before->keys(), Served::perhaps, now);
  if (!before || before->fingerprint != leaf.fingerprint || replaced) {
    pass_over_candidates(state, lineage, leaf, unseen, now);
  }
  std::erase(state.past_keys, leaf.key.sha256);
  state.hook_error.clear();  // what the hook could not take over has been taken over since
  if (!before) return;       // enrolment: no server reads live/NAME yet
  state.pending.reload_since = now;
  if (!replaced) return;
  state.pending.certbot_hooks_since = now;
  if (lineage.stages_keys()) state.pending.stage_since = now;
}

void settle_next(State& state, const LineageConfig& lineage, const std::optional<NextFact>& next, Served unseen,
                 const Instant& now) {
  const bool staged = next && !(state.current && next->key == state.current->key);
  if (state.next && staged && state.next->key == next->key) {
    if (!next->issued) return;  // or not for this user to read
    const std::optional<KeyId> anchor = keys_of_next(*next, lineage).anchor;
    if (state.next->anchor && !(state.next->anchor == anchor)) {
      retire(state, lineage, state.next->keys(), Served::never, now);  // that of the key is wanted, and so does not go
    }
    state.next->anchor = anchor;
    const bool good = !next->gate.each.empty() && !next->issued->refused && !next->issued->due;
    if (good) state.ca_refusals.reset();
    return;
  }
  const std::optional<NextKey> before = std::exchange(state.next, std::nullopt);
  state.ca_refusals.reset();  // they were about a key that is no longer next
  if (before && !(state.current && before->key == state.current->key)) {
    retire(state, lineage, before->keys(), unseen, now);
  }
  if (staged) state.next = NextKey{next->key, now, keys_of_next(*next, lineage).anchor};
}

// Those that are no longer configured. A server may present a chain of one: that is what they were kept for.
void settle_issuers(State& state, const LineageConfig& lineage, const Instant& now) {
  const std::vector<KeyId> present = further_issuers(lineage, state);
  for (const KeyId& before : std::exchange(state.issuers, present)) {
    if (std::find(present.begin(), present.end(), before) != present.end()) continue;
    for (const DnsName& owner : lineage.tlsa) {
      for (const Association& association : associations_of_issuer(before, lineage.profile)) {
        retire_record(state, owner, association, before, Served::perhaps, now);
      }
    }
  }
}

// What is wanted again is not retiring.
void drop_wanted_from_retiring(State& state, const LineageConfig& lineage) {
  const std::vector<Association> wanted = wanted_associations({lineage, state});
  std::erase_if(state.retiring, [&](const RetiringRecord& record) {
    return std::find(lineage.tlsa.begin(), lineage.tlsa.end(), record.owner) != lineage.tlsa.end() &&
           std::find(wanted.begin(), wanted.end(), record.association) != wanted.end();
  });
}

}  // namespace

State settled(const Facts& facts, const LineageConfig& lineage, const Instant& now) {
  State state = facts.state;
  refresh_candidates(state, facts, lineage, now);
  const Served unseen = what_was_not_seen(state, facts.deployed);
  if (state.current && facts.deployed && unseen == Served::perhaps) {
    // Put back from a backup: of what DNS had since then it knows nothing.
    for (OwnerLedger& ledger : state.ledgers) ledger.visible.clear();
  }
  if (facts.deployed) settle_current(state, lineage, *facts.deployed, unseen, now);
  settle_next(state, lineage, facts.next, unseen, now);
  if (state.next) state.pending.stage_since.reset();
  drop_deployed_candidates(state);
  settle_issuers(state, lineage, now);
  widen_retiring(state, lineage, facts.retiring);
  drop_wanted_from_retiring(state, lineage);
  return state;
}

}  // namespace danectl
