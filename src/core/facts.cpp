#include "core/facts.hpp"

namespace danectl {

ChainKeys keys_of_next(const NextFact& next, const LineageConfig& lineage) {
  if (!next.issued) return {next.key, std::nullopt};
  return keys_of(next.issued->chain, lineage);
}

std::vector<Association> wanted_associations(const Facts& facts, const LineageConfig& lineage) {
  std::vector<Association> all;
  const auto take = [&](const std::vector<Association>& more) { all.insert(all.end(), more.begin(), more.end()); };
  if (facts.deployed)
    take(associations_of(keys_of_deployed(facts.deployed->chain, lineage, facts.state), lineage.profile));
  if (facts.next) take(associations_of(keys_of_next(*facts.next, lineage), lineage.profile));
  take(associations_of_further_issuers(lineage));
  for (const CandidateFact& candidate : facts.candidates) take(associations_of(candidate.keys, lineage.profile));
  return all;
}

}  // namespace danectl
