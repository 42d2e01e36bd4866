#include "core/rollover/facts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

std::string why_presented(const PresentedGeneration& generation, const LineageConfig& lineage, const State& state) {
  if (!generation.reloaded_at) return state.pending.reload_since ? "a reload is pending" : "no reload succeeded since";
  if (presented_until(generation, lineage, generation.reloaded_at->at)) {
    return "retire_after " + human_duration(lineage.retire_after);
  }
  return fmt::format(
      "without `reload` and `probe` danectl does not know whether servers have the new key: call danectl retire {} "
      "when they have it",
      lineage.name);
}

}  // namespace

ChainKeys keys_of_next(const NextFact& next, const LineageConfig& lineage) {
  if (!next.issued) return {next.key, std::nullopt};
  return keys_of(next.issued->chain, lineage);
}

std::optional<Error> obstacle(const NextFact& next) {
  return next.issued ? next.issued->refused : std::nullopt;
}

std::optional<Error> obstacle(const CandidateFact& candidate) {
  return candidate.kept ? candidate.kept->refused : std::nullopt;
}

bool any_missing(const Facts& facts) {
  return std::any_of(facts.places.begin(), facts.places.end(),
                     [](const PlaceFact& place) { return !place.plan.missing.empty(); });
}

ChainsOfLineage chains_of(const Facts& facts, const LineageConfig& lineage) {
  ChainsOfLineage chains;
  if (facts.deployed) chains.deployed = keys_of_deployed(facts.deployed->chain, lineage, facts.state);
  if (facts.next) chains.next = keys_of_next(*facts.next, lineage);
  for (const CandidateFact& candidate : facts.candidates) chains.candidates.push_back(candidate.keys);
  chains.issuers = further_issuers(lineage, facts.state);
  return chains;
}

std::vector<Association> wanted_associations(const Facts& facts, const LineageConfig& lineage) {
  std::vector<Association> all;
  for (const Wanted& one : wanted_by(chains_of(facts, lineage), lineage.profile)) all.push_back(one.association);
  return all;
}

LineageOn lineage_on(const Facts& facts, const LineageConfig& lineage, const std::vector<std::string>& hosts,
                     const Instant& now) {
  LineageOn on;
  on.name = lineage.name;
  on.probes = lineage.probe;
  const std::vector<Sender> senders = senders_of(lineage.profile);
  if (facts.deployed) {
    on.presented.push_back({fmt::format("the deployed chain of {}", lineage.name),
                            KnownChain{shared(facts.deployed->chain)}, hosts, senders});
  }
  for (const PresentedGeneration& generation : presented_now(facts.state, lineage, now)) {
    for (const DeployedFact& before : facts.presented) {
      if (before.generation != generation.number) continue;
      on.presented.push_back(
          {fmt::format("the chain of generation {} of {}, which servers may still present ({})", generation.number,
                       lineage.name, why_presented(generation, lineage, facts.state)),
           KnownChain{shared(before.chain)}, hosts, senders, presented_until(generation, lineage, now),
           ChainView::Presence::may_end});
    }
  }
  on.wanted = wanted_by(chains_of(facts, lineage), lineage.profile);
  for (const KnownKey& known : facts.state.known) {
    for (const Association& record : records_of(known)) on.known.push_back({record, known.unwanted_since});
  }
  // Of what the state does not know yet.
  for (const Wanted& wanted : on.wanted) on.known.push_back({wanted.association, std::nullopt});
  on.unreadable = facts.presented_trouble;
  return on;
}

DeployRule deploy_rule(const LineageConfig& lineage) {
  return {lineage.tlsa, lineage.profile, lineage.min_hold};
}

}  // namespace danectl
