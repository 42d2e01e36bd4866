#include "app/roll/observe.hpp"

#include "app/publish/places.hpp"
#include "app/store/observe_files.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

// The records of the key itself: every server has to give them before the CA is asked for a certificate.
RRset records_of_key(const KeyId& key, const LineageConfig& lineage) {
  RRset records;
  for (const Group& line : lineage.profile) {
    if (line.usage == 3) records.push_back(association_of(key, line));
  }
  return records;
}

// A chain that will not be deployed tells nothing: it is the next one that counts.
ChainView next_chain(const Facts& facts) {
  const NextFact& next = *facts.next;
  if (next.issued && !next.issued->refused && !next.issued->due) {
    return {"the chain of the next key", KnownChain{shared(next.issued->chain)}};
  }
  ExpectedChain expected{next.key, nullptr};
  if (facts.deployed) expected.like = shared(facts.deployed->chain);
  return {"the chain of the next key", std::move(expected)};
}

// `today`: for the dates of certificates, which may be issued while a look runs.
void judge_chains(const Seen& seen, const LineageConfig& lineage, WallTime today, Facts& facts) {
  const DeployRule rule = deploy_rule(lineage);
  if (facts.certbot && facts.deployed && facts.certbot->chain.pem() != facts.deployed->chain.pem()) {
    facts.against_adoption =
        may_adopt(seen.ledgers, rule, facts.certbot->chain, facts.deployed->chain, seen.now, today);
  }
  if (facts.deployed) {
    const ChainView deployed{"the deployed chain", KnownChain{shared(facts.deployed->chain)}};
    facts.fails_at_alias = fails_where_alias_leads(seen, rule, deployed, std::nullopt);
  }
  if (facts.next) {
    facts.next->way = readiness(seen, rule, next_chain(facts), {records_of_key(facts.next->key, lineage), {}}, today);
  }
  for (CandidateFact& candidate : facts.candidates) {
    if (!candidate.kept) continue;
    const ChainView view{"the candidate of certbot", KnownChain{shared(candidate.kept->chain)}};
    candidate.way = readiness(seen, rule, view, {{}, associations_of(candidate.keys, lineage.profile)}, today);
  }
}

}  // namespace

Instant moment_of(const Workshop& shop, const Look& look) {
  return look.owners.empty() ? shop.world.clock.now() : look.started;
}

Result<Facts> observe(const Workshop& shop, const LineageConfig& lineage, State state, const Look& look,
                      const Observation& how) {
  if (auto loaded = shop.book->load(shop.files(), shop.paths(), lineage.tlsa); !loaded) return loaded.error();
  auto facts = observe_files(shop, lineage, std::move(state));
  if (!facts) return facts;
  static const std::vector<OwnerLook> not_asked;
  const Seen seen{shop.book->ledgers(), look.owners.empty() ? not_asked : shop.book->looks(), moment_of(shop, look),
                  how.caches};
  judge_chains(seen, lineage, shop.world.clock.now().wall, *facts);
  if (look.owners.empty()) return facts;
  auto places = places_of(shop, lineage, *facts, how.asker, how.only);
  if (!places) return places.error();
  facts->places = *std::move(places);
  return facts;
}

}  // namespace danectl
