#include "app/store/observe_files.hpp"

#include "app/certbot/certbot_damage.hpp"
#include "app/certbot/certbot_layout.hpp"
#include "app/store/generations.hpp"
#include "app/store/store.hpp"
#include "core/keys/key_material.hpp"
#include "core/rollover/candidate.hpp"
#include "core/rollover/settle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

std::optional<Error> refusal(const Chain& chain, const KeyId& key, const Facts& facts, const LineageConfig& lineage,
                             WallTime now) {
  if (!facts.deployed) return failed("there is no deployed chain to compare with");
  const Chain& present = facts.deployed->chain;
  // What a person told certbot last is what is wanted; without its lineage nobody knows.
  const Chain& wanted = facts.certbot ? facts.certbot->chain : present;
  const auto good = check_chain({chain, key, present, lineage, now, wanted.leaf().names});
  return good ? std::nullopt : std::optional<Error>(good.error());
}

ChainFact judge(Chain chain, const KeyId& key, const Facts& facts, const LineageConfig& lineage, WallTime now) {
  ChainFact fact{served_chain(std::move(chain), lineage), std::nullopt, false};
  fact.refused = refusal(fact.chain, key, facts, lineage, now);
  fact.due = due_for_renewal(fact.chain.leaf(), facts.certbot ? facts.certbot->renewal : RenewalRule{}, now);
  return fact;
}

// The next key as its file shows it. Who may not read that file (an unprivileged `status`) is told by the state.
Result<std::optional<KeyId>> staged_key(Files& files, const Paths& paths, const State& state) {
  const std::string path = paths.next_key(state.name);
  const auto info = files.info(path);
  if (!info) {
    if (info.error().kind != ErrorKind::no_permission) return info.error();
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
  // One that was served may come back by a rollback, whatever its type.
  const bool served = was_current(state, *key) || (state.current && state.current->key == *key);
  if (key->type == KeyType::other && !served) {
    return failed(
        fmt::format("{}: it is a key of a type that danectl does not use", path),
        fmt::format("ECDSA P-256 or P-384, or RSA of 2048, 3072 or 4096 bits: rm -r {}, then danectl stage {}",
                    paths.next(state.name), state.name));
  }
  return std::optional<KeyId>{*key};
}

Result<std::optional<Chain>> issued_chain(Files& files, const Paths& paths, const std::string& name) {
  const std::string path = paths.next_chain(name);
  const auto info = files.info(path);
  if (!info) {
    if (info.error().kind != ErrorKind::no_permission) return info.error();
    return std::optional<Chain>{};
  }
  if (!*info) return std::optional<Chain>{};
  const auto pem = files.read(path);
  if (!pem) return pem.error();
  auto chain = parse_chain(*pem);
  if (!chain) return failed(path + ": " + chain.error().what, "remove the file; the next promotion asks for another");
  return std::optional<Chain>{std::move(chain).value()};
}

Status observe_next(const Workshop& shop, const LineageConfig& lineage, Facts& facts) {
  const auto key = staged_key(shop.files(), shop.paths(), facts.state);
  if (!key) return key.error();
  if (!*key) return {};
  if (facts.deployed && **key == facts.deployed->chain.leaf().key) {
    facts.next_is_deployed = true;
    return {};
  }
  NextFact next{**key, std::nullopt};
  auto chain = issued_chain(shop.files(), shop.paths(), lineage.name);
  if (!chain) return chain.error();
  if (*chain) {
    next.issued = judge(std::move(**chain), next.key, facts, lineage, shop.world.clock.now().wall);
    std::optional<Error>& refused = next.issued->refused;
    if (!refused && facts.certbot && is_of_other_names(next.issued->chain.leaf(), facts.certbot->chain.leaf())) {
      refused = failed("certbot's newest certificate is for other names, and was issued after the one for the next key",
                       "the next promotion asks for another");
    }
  }
  facts.next = std::move(next);
  return {};
}

void observe_candidates(const Workshop& shop, const LineageConfig& lineage, Facts& facts) {
  for (const CandidateKey& candidate : facts.state.candidates) {
    CandidateFact fact{candidate.keys(), std::nullopt};
    if (auto kept = read_candidate(shop, lineage.name, candidate)) {
      // The configuration may have changed since it was kept.
      fact.keys = keys_of(served_chain(kept->chain, lineage), lineage);
      fact.kept = judge(std::move(kept->chain), candidate.key, facts, lineage, shop.world.clock.now().wall);
    }
    facts.candidates.push_back(std::move(fact));
  }
}

// An install cut between two of its four links leaves a lineage that nobody can read, with something of the deployed
// generation in it.
bool half_ours(const Workshop& shop, const std::string& name, const Facts& facts) {
  const auto conf = read_conf_of(shop.files(), shop.config().certbot_dir, name);
  if (!conf || !facts.deployed || !read_certbot_layout(shop.files(), *conf)) return false;
  const Certificate& ours = facts.deployed->chain.leaf();
  if (const auto key = shop.files().read(conf->privkey)) {
    if (const auto id = read_private_key(*key); id && *id == ours.key) return true;
  }
  const auto cert = shop.files().read(conf->cert);
  if (!cert) return false;
  const auto chain = parse_chain(*cert);
  return chain && chain->leaf().fingerprint == ours.fingerprint;
}

std::string cure_of_missing_lineage(const Workshop& shop, const std::string& name) {
  return fmt::format("restore {} from a backup, or issue it again: certbot certonly --cert-name {} --reuse-key",
                     shop.config().certbot_dir, name);
}

// A server that has its files open goes on; one that is started again may not.
std::optional<Error> trouble_of_deployed(const Workshop& shop, const std::string& name, const Facts& facts) {
  if (!facts.deployed) return nothing_deployed(shop.files(), shop.paths(), name);
  const auto good = check_deployed(shop.files(), shop.paths(), name, *facts.deployed);
  if (good || good.error().kind == ErrorKind::no_permission) return std::nullopt;
  const bool certbot_has_it = facts.certbot && facts.certbot->chain.leaf().key == facts.deployed->chain.leaf().key;
  return failed(
      good.error().what,
      certbot_has_it
          ? fmt::format("certbot has the key: certbot renew --force-renewal --cert-name {}, then danectl run, "
                        "deploy a whole generation; or put the file back from a backup",
                        name)
          : fmt::format("put {} back from a backup", shop.paths().generation(name, facts.deployed->generation)));
}

void observe_certbot(const Workshop& shop, const LineageConfig& lineage, Facts& facts) {
  const std::string& name = lineage.name;
  if (lineage.stages_keys()) {
    facts.certbot_program = shop.certbot->not_found(shop.world.processes, shop.config().certbot);
  }
  auto theirs = read_certbot_lineage(shop.files(), shop.config().certbot_dir, name);
  if (!theirs) {
    const std::string live = facts.deployed ? shop.paths().live(name) : std::string();
    const Error error = with_way_out(shop.files(), {shop.config().certbot_dir, name, live}, theirs.error());
    facts.certbot_trouble = error.what;
    facts.certbot_cure = error.kind == ErrorKind::not_found ? cure_of_missing_lineage(shop, name) : error.hint;
    facts.certbot_is_forbidden = error.kind == ErrorKind::no_permission;
    facts.certbot_is_half_ours = half_ours(shop, name, facts);
    return;
  }
  const KeyType type = theirs->chain.leaf().key.type;
  const bool reuses = theirs->conf.reuse_key.value_or(false);
  facts.certbot = CertbotFact{served_chain(std::move(theirs->chain), lineage), reuses, fits_key(theirs->conf, type)};
  facts.certbot->renewal = theirs->conf.renewal;
  if (lineage.stages_keys()) {
    facts.certbot->against_reuse = shop.certbot->against_reuse(shop.files(), shop.world.certbot_cli_inis, type);
  }
}

// The chains of the generations before that some server may present.
void observe_presented(const Workshop& shop, const LineageConfig& lineage, Facts& facts) {
  facts.presented.clear();
  facts.presented_trouble.clear();
  for (const PresentedGeneration& one : presented_now(facts.state, lineage, shop.world.clock.now())) {
    if (facts.deployed && one.number == facts.deployed->generation) continue;
    if (std::find(facts.generations.begin(), facts.generations.end(), one.number) == facts.generations.end()) continue;
    auto chain = read_generation_chain(shop.files(), shop.paths(), lineage.name, one.number);
    if (chain) {
      facts.presented.push_back({one.number, *std::move(chain)});
    } else {
      facts.presented_trouble =
          fmt::format("what generation {} of {} was is not known: {}", one.number, lineage.name, chain.error().what);
    }
  }
}

}  // namespace

Result<Facts> observe_files(const Workshop& shop, const LineageConfig& lineage, State state) {
  Facts facts;
  facts.state = std::move(state);
  auto deployed = read_deployed(shop.files(), shop.paths(), lineage.name);
  if (!deployed) return deployed.error();
  facts.deployed = std::move(*deployed);
  auto generations = generations_on_disk(shop.files(), shop.paths(), lineage.name);
  if (!generations) return generations.error();
  facts.generations = *std::move(generations);
  observe_presented(shop, lineage, facts);
  observe_certbot(shop, lineage, facts);
  facts.deployed_trouble = trouble_of_deployed(shop, lineage.name, facts);
  if (auto next = observe_next(shop, lineage, facts); !next) return next.error();
  observe_candidates(shop, lineage, facts);
  return facts;
}

Result<Facts> observe_settled(const Workshop& shop, const LineageConfig& lineage) {
  auto state = load_state(shop.files(), shop.paths(), lineage.name);
  if (!state) return state.error();
  auto facts = observe_files(shop, lineage, *std::move(state));
  if (!facts) return facts;
  State shown = settled(*facts, lineage, shop.world.clock.now());
  if (shown == facts->state) return facts;
  facts->state = std::move(shown);
  observe_presented(shop, lineage, *facts);
  return facts;
}

Result<KeyAndChain> read_candidate(const Workshop& shop, const std::string& name, const CandidateKey& candidate) {
  const std::string folder = shop.paths().candidate(name, candidate.copy);
  auto private_key = shop.files().read(folder + "/privkey.pem");
  if (!private_key) return private_key.error();
  const auto pem = shop.files().read(folder + "/fullchain.pem");
  if (!pem) return pem.error();
  auto chain = parse_chain(*pem);
  if (!chain) return failed(folder + "/fullchain.pem: " + chain.error().what);
  const auto id = read_private_key(*private_key);
  if (!id) return failed(folder + "/privkey.pem: " + id.error().what);
  if (!(*id == candidate.key) || !(chain->leaf().key == candidate.key))
    return failed(folder + " does not hold the key it is named after");
  return KeyAndChain{std::move(private_key).value(), std::move(chain).value()};
}

}  // namespace danectl
