// The steps of Roll that undo: the next key is dropped, or the key before comes back.
#include "app/frame/explain.hpp"
#include "app/roll/housekeeping.hpp"
#include "app/roll/roll.hpp"
#include "app/store/generations.hpp"
#include "app/store/store.hpp"
#include "core/rollover/candidate.hpp"

#include <fmt/format.h>

namespace danectl {

Status Roll::settle_only() {
  if (auto loaded = load(); !loaded) return loaded;
  while (true) {
    const auto step = observe_and_plan();
    if (!step) return step.error();
    if (!facts_.deployed) return failed(step->why, step->what);
    if (step->kind != StepKind::settle) return {};
    if (auto done = settle(); !done) return done.error();
  }
}

Status Roll::discard_next() {
  const std::string copy = shop_.paths().private_config(lineage_.name);
  const auto there = shop_.files().info(copy);
  if (!there) return there.error();
  if (*there) {
    // A certbot that a killed danectl left behind may still be at work with the key.
    const auto idle = shop_.files().lock_as_certbot(copy, short_wait);
    if (!idle) return idle.error();
  }
  if (auto removed = remove_next(shop_.files(), shop_.paths(), lineage_.name); !removed) return removed;
  return settle_only();
}

// Read and judged as a candidate is (danectl(1), promote).
Result<KeyAndChain> Roll::key_before() {
  auto before = read_generation_before(shop_.files(), shop_.paths(), lineage_.name, *facts_.deployed);
  if (!before) return before.error();
  if (!*before) return failed("there is no generation with another key to go back to");
  (*before)->chain = served_chain(std::move((*before)->chain), lineage_);
  const KeyId key = (*before)->chain.leaf().key;
  const WallTime wall = shop_.world.clock.now().wall;
  const std::vector<std::string>& names = (*before)->chain.leaf().names;  // a person wants this one
  if (auto good = check_chain({(*before)->chain, key, facts_.deployed->chain, lineage_, wall, names}); !good) {
    return good.error();
  }
  const ChainView view{"the chain of the key before", KnownChain{shared((*before)->chain)}};
  const Seen seen{shop_.book->ledgers(), shop_.book->looks(), now(), how_.caches};
  const RRset own = associations_of(keys_of((*before)->chain, lineage_), lineage_.profile);
  const Readiness way = readiness(seen, deploy_rule(lineage_), view, {{}, own}, wall);
  if (!way.ready()) return not_rolled_back(key, way, shop_.output);
  return std::move(**before);
}

Result<KeyId> Roll::preview_rollback() {
  if (const auto step = preview(); !step) return step.error();
  if (!facts_.deployed) return failed("live/" + lineage_.name + " leads to no generation");
  const auto before = key_before();
  if (!before) return before.error();
  return before->chain.leaf().key;
}

Status Roll::keep_as_next(const KeyAndChain& material) {
  if (auto made = shop_.files().make_folder(shop_.paths().next(lineage_.name), 0700); !made) return made;
  const std::string chain = without_root(material.chain, lineage_).pem();
  if (auto written = shop_.files().write(shop_.paths().next_chain(lineage_.name), chain, {.mode = 0600}); !written) {
    return written;
  }
  return shop_.files().write(shop_.paths().next_key(lineage_.name), material.private_key, {.mode = 0600});
}

Status Roll::roll_back() {
  if (auto settled = settle_only(); !settled) return settled;
  if (auto locked = lock_certbot_now(); !locked) return locked.error();
  // The lock may have been waited for: what decides is how DNS is now, as for a promotion.
  if (auto looked = look_freshly(); !looked) return looked;
  if (auto observed = observe_now(); !observed) return observed;
  const auto before = key_before();
  if (!before) return before.error();
  const auto left = read_generation(shop_.files(), shop_.paths(), lineage_.name, facts_.deployed->generation);
  if (!left) return left.error();
  if (facts_.next) {
    if (auto discarded = discard_next(); !discarded) return discarded;
    say("discarded the staged next key");
  }
  // Before the switch: cut in between, the next call finds the deployed key there, and removes it.
  if (lineage_.stages_keys()) {
    if (auto kept = keep_as_next(*left); !kept) return kept;
  }
  const auto number = deploy(*before);
  if (!number) return number.error();
  say(fmt::format("deployed generation {}: the key before, {}", *number, before->chain.leaf().key.sha256));
  warn_of_names_that_go("the certificate of the key before", before->chain.leaf());
  // Where the records name the issuer alone, certbot's newer certificate would be adopted again.
  if (!lineage_.names_keys()) {
    if (auto installed = install_deployed(*before); !installed) return installed;
  }
  return run();
}

}  // namespace danectl
