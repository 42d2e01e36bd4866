#include "core/facts.hpp"

#include <algorithm>

namespace danectl {

ChainKeys keys_of_next(const NextFact& next, const LineageConfig& lineage) {
  if (!next.issued) return {next.key, std::nullopt};
  return keys_of(next.issued->chain, lineage);
}

std::optional<Error> obstacle(const CandidateFact& candidate) {
  const auto& each = candidate.gate.each;
  const bool waits = std::any_of(each.begin(), each.end(), [](const Readiness& one) { return !one.ready(); });
  if (waits || !candidate.kept) return std::nullopt;
  return candidate.kept->refused;
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
