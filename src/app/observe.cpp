#include "app/observe.hpp"

#include "app/generations.hpp"
#include "core/candidate.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

GateAnswer gate_for(const KeyId& key, const LineageConfig& lineage, const State& state,
                    const std::vector<OwnerLook>& looks, HoldDown hold_down) {
  if (looks.empty()) return {};
  std::vector<OwnerLedger> ledgers;
  for (const OwnerLook& look : looks) ledgers.push_back(ledger_of(state, look.owner));
  return gate(ledgers, looks, associations_of(key, lineage.profile), lineage.min_hold, hold_down,
              looks.front().started);
}

// Step 3 of a promotion.
std::optional<Error> refusal(const Chain& chain, const KeyId& key, const Facts& facts, const LineageConfig& lineage,
                             const std::vector<OwnerLook>& looks, WallTime now) {
  if (!facts.deployed) return failed("there is no deployed chain to compare with");
  const CandidateCheck check{chain, key, facts.deployed->chain, lineage.profile, now};
  if (auto good = check_chain(check); !good) return good.error();
  if (auto good = check_dane(check, looks); !good) return good.error();
  return std::nullopt;
}

ChainFact judge(Chain chain, const KeyId& key, const Facts& facts, const LineageConfig& lineage,
                const std::vector<OwnerLook>& looks, WallTime now) {
  ChainFact fact{std::move(chain), std::nullopt, false};
  fact.refused = refusal(fact.chain, key, facts, lineage, looks, now);
  fact.due = due_for_renewal(fact.chain.leaf(), now);
  return fact;
}

// The next key as its file shows it. Who may not read that file (an unprivileged `status`) is told by the state.
Result<std::optional<KeyId>> staged_key(Files& files, const Paths& paths, const State& state) {
  const std::string path = paths.next_key(state.name);
  const auto info = files.info(path);
  if (!info) {
    if (info.error().kind != ErrorKind::forbidden) return info.error();
    return state.next ? std::optional<KeyId>{state.next->key} : std::optional<KeyId>{};
  }
  if (!*info) return std::optional<KeyId>{};
  const auto pem = files.read(path);
  if (!pem) return pem.error();
  const auto key = read_private_key(*pem);
  if (!key) {
    return failed(path + ": " + key.error().what,
                  "restore it from a backup, or remove its folder and stage another next key");
  }
  return std::optional<KeyId>{*key};
}

Result<std::optional<Chain>> issued_chain(Files& files, const Paths& paths, const std::string& name) {
  const std::string path = paths.next_chain(name);
  const auto info = files.info(path);
  if (!info) {
    if (info.error().kind != ErrorKind::forbidden) return info.error();
    return std::optional<Chain>{};
  }
  if (!*info) return std::optional<Chain>{};
  const auto pem = files.read(path);
  if (!pem) return pem.error();
  auto chain = parse_chain(*pem);
  if (!chain) return failed(path + ": " + chain.error().what, "remove the file; the next promotion asks for another");
  return std::optional<Chain>{std::move(chain).value()};
}

Status observe_next(const Workshop& shop, const LineageConfig& lineage, const std::vector<OwnerLook>& looks,
                    HoldDown hold_down, Facts& facts) {
  const auto key = staged_key(shop.files(), shop.paths(), facts.state);
  if (!key) return key.error();
  if (!*key) return {};
  NextFact next{**key, std::nullopt, gate_for(**key, lineage, facts.state, looks, hold_down)};
  auto chain = issued_chain(shop.files(), shop.paths(), lineage.name);
  if (!chain) return chain.error();
  if (*chain) {
    next.issued = judge(std::move(**chain), next.key, facts, lineage, looks, shop.world.clock.now().wall);
  }
  facts.next = std::move(next);
  return {};
}

void observe_candidates(const Workshop& shop, const LineageConfig& lineage, const std::vector<OwnerLook>& looks,
                        HoldDown hold_down, Facts& facts) {
  for (const CandidateKey& candidate : facts.state.candidates) {
    CandidateFact fact{candidate.key, std::nullopt, gate_for(candidate.key, lineage, facts.state, looks, hold_down)};
    if (auto kept = read_candidate(shop, lineage.name, candidate.key)) {
      fact.kept = judge(std::move(kept->chain), candidate.key, facts, lineage, looks, shop.world.clock.now().wall);
    }
    facts.candidates.push_back(std::move(fact));
  }
}

// An install cut between two of its four links leaves a lineage that nobody can read, with something of the deployed
// generation in it.
bool half_ours(const Workshop& shop, const std::string& name, const Facts& facts) {
  const auto conf = read_conf_of(shop.files(), shop.config().certbot_dir, name);
  if (!conf || !facts.deployed) return false;
  const Certificate& ours = facts.deployed->chain.leaf();
  if (const auto key = shop.files().read(conf->privkey)) {
    if (const auto id = read_private_key(*key); id && *id == ours.key) return true;
  }
  const auto cert = shop.files().read(conf->cert);
  if (!cert) return false;
  const auto chain = parse_chain(*cert);
  return chain && chain->leaf().fingerprint == ours.fingerprint;
}

void observe_certbot(const Workshop& shop, const std::string& name, Facts& facts) {
  auto theirs = read_certbot_lineage(shop.files(), shop.config().certbot_dir, name);
  if (!theirs) {
    facts.certbot_trouble = theirs.error().what;
    facts.certbot_is_half_ours = half_ours(shop, name, facts);
    return;
  }
  facts.certbot = CertbotFact{std::move(theirs->chain), theirs->conf.reuse_key.value_or(false)};
}

}  // namespace

Result<Facts> observe(const Workshop& shop, const LineageConfig& lineage, State state,
                      const std::vector<OwnerLook>& looks, HoldDown hold_down) {
  Facts facts;
  facts.state = std::move(state);
  auto deployed = read_deployed(shop.files(), shop.paths(), lineage.name);
  if (!deployed) return deployed.error();
  facts.deployed = std::move(*deployed);
  observe_certbot(shop, lineage.name, facts);
  if (auto next = observe_next(shop, lineage, looks, hold_down, facts); !next) return next.error();
  observe_candidates(shop, lineage, looks, hold_down, facts);
  return facts;
}

Result<KeyAndChain> read_candidate(const Workshop& shop, const std::string& name, const KeyId& key) {
  const std::string folder = shop.paths().candidate(name, key.sha256);
  auto private_key = shop.files().read(folder + "/privkey.pem");
  if (!private_key) return private_key.error();
  const auto pem = shop.files().read(folder + "/fullchain.pem");
  if (!pem) return pem.error();
  auto chain = parse_chain(*pem);
  if (!chain) return failed(folder + "/fullchain.pem: " + chain.error().what);
  const auto id = read_private_key(*private_key);
  if (!id) return failed(folder + "/privkey.pem: " + id.error().what);
  if (!(*id == key) || !(chain->leaf().key == key)) return failed(folder + " does not hold the key it is named after");
  return KeyAndChain{std::move(private_key).value(), std::move(chain).value()};
}

}  // namespace danectl
