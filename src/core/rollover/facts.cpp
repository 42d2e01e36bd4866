#include "core/rollover/facts.hpp"

#include <algorithm>

namespace danectl {

ChainKeys keys_of_next(const NextFact& next, const LineageConfig& lineage) {
  if (!next.issued) return {next.key, std::nullopt};
  return keys_of(next.issued->chain, lineage);
}

namespace {

std::optional<Error> obstacle(const std::optional<ChainFact>& chain, const GateAnswer& gate) {
  const bool waits = std::any_of(gate.each.begin(), gate.each.end(), [](const Readiness& one) { return !one.ready(); });
  if (waits || !chain) return std::nullopt;
  return chain->refused;
}

}  // namespace

std::optional<Error> obstacle(const NextFact& next) {
  return obstacle(next.issued, next.gate);
}

std::optional<Error> obstacle(const CandidateFact& candidate) {
  return obstacle(candidate.kept, candidate.gate);
}

std::vector<Association> wanted_associations(const Facts& facts, const LineageConfig& lineage) {
  std::vector<Association> all;
  const auto take = [&](const std::vector<Association>& more) { all.insert(all.end(), more.begin(), more.end()); };
  if (facts.deployed)
    take(associations_of(keys_of_deployed(facts.deployed->chain, lineage, facts.state), lineage.profile));
  if (facts.next) take(associations_of(keys_of_next(*facts.next, lineage), lineage.profile));
  for (const KeyId& issuer : further_issuers(lineage, facts.state)) {
    take(associations_of_issuer(issuer, lineage.profile));
  }
  for (const CandidateFact& candidate : facts.candidates) take(associations_of(candidate.keys, lineage.profile));
  return all;
}

}  // namespace danectl
