#include "app/roll.hpp"

#include "app/explain.hpp"
#include "app/generations.hpp"
#include "app/hooks.hpp"
#include "app/observe.hpp"
#include "app/store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

bool allowed(RollMode mode, StepKind kind) {
  if (mode == RollMode::promote) return true;
  if (kind == StepKind::settle) return true;
  if (mode == RollMode::settle) return false;
  return kind == StepKind::restore_reuse_key || kind == StepKind::adopt || kind == StepKind::keep_candidate ||
         kind == StepKind::run_hooks;
}

// Far more than any lineage needs; a plan that asks for the same thing for ever must not hang a mail server's timer.
constexpr int most_steps = 100;

}  // namespace

Roll::Roll(const Workshop& shop, const LineageConfig& lineage, std::vector<OwnerLook> looks, RollMode mode,
           HoldDown hold_down)
    : shop_(shop), lineage_(lineage), looks_(std::move(looks)), mode_(mode), hold_down_(hold_down) {}

void Roll::say(const std::string& what) const {
  if (shop_.output.verbosity != Verbosity::quiet) shop_.output.out << lineage_.name << ": " << what << '\n';
}

Status Roll::save(State state) {
  if (state == state_) return {};
  if (auto saved = save_state(shop_.files(), shop_.paths(), state); !saved) return saved;
  state_ = std::move(state);
  return {};
}

Status Roll::load() {
  if (loaded_) return {};
  auto state = load_state(shop_.files(), shop_.paths(), lineage_.name);
  if (!state) return state.error();
  state_ = std::move(state).value();
  loaded_ = true;
  if (looks_.empty()) return {};
  return save(with_looks(state_, looks_));
}

Status Roll::look_again() {
  auto looks = look_at(shop_, lineage_.tlsa);
  if (!looks) return looks.error();
  looks_ = std::move(looks).value();
  fresh_look_ = true;
  return save(with_looks(state_, looks_));
}

Result<Step> Roll::observe_and_plan() {
  auto facts = observe(shop_, lineage_, state_, looks_, hold_down_);
  if (!facts) return facts.error();
  facts_ = std::move(facts).value();
  const Instant now = looks_.empty() ? shop_.world.clock.now() : looks_.front().started;
  const Goal goal = mode_ == RollMode::promote ? Goal::promote : Goal::keep_going;
  const bool hooks_done = hooks_failed_ || hooks_run_;
  return plan(
      {facts_, lineage_, now, goal, hold_down_, hooks_done ? PendingHooks::tried_in_vain : PendingHooks::to_be_tried});
}

Status Roll::run() {
  if (auto loaded = load(); !loaded) return loaded;
  for (int steps = 0; steps < most_steps; ++steps) {
    const auto step = observe_and_plan();
    if (!step) return step.error();
    if (!allowed(mode_, step->kind)) return outcome();
    if (shop_.output.verbosity == Verbosity::verbose) {
      shop_.output.err << fmt::format("danectl: {}: step: {}: {}\n", lineage_.name, step->what, step->why);
    }
    const auto done = perform(*step);
    if (!done) return done.error();
    if (*done == Next::rest) return outcome();
  }
  return failed(fmt::format("the plan does not come to rest after {} steps", most_steps), "please report this");
}

Status Roll::outcome() const {
  if (hooks_failed_) return *hooks_failed_;
  return {};
}

Roll::Progress Roll::perform(const Step& step) {
  switch (step.kind) {
    case StepKind::settle:
      return settle();
    case StepKind::restore_reuse_key:
      return restore_reuse_key();
    case StepKind::adopt:
      return adopt();
    case StepKind::keep_candidate:
      return keep_candidate();
    case StepKind::install:
      return install();
    case StepKind::run_hooks:
      return run_hooks();
    case StepKind::deploy_candidate:
    case StepKind::deploy_next:
      return deploy_ready(step);
    case StepKind::stage:
      return stage_step();
    case StepKind::publish:
    case StepKind::wait:
      return not_ready(step);
    case StepKind::issue:
      return issue(step);
    case StepKind::person:
      return failed(step.why, step.what);
    case StepKind::nothing:
      break;
  }
  return Next::rest;
}

Result<bool> Roll::lock_certbot_now() {
  if (certbot_lock_ || mode_ == RollMode::deploy_hook) return false;
  auto lock = shop_.files().lock_as_certbot(shop_.config().certbot_dir, short_wait);
  if (!lock) return lock.error();
  certbot_lock_ = std::move(lock).value();
  return true;
}

Roll::Progress Roll::settle() {
  const State before = state_;
  const Instant now = shop_.world.clock.now();
  State after = settled(facts_, lineage_, now);
  const bool another_key = before.current && after.current && !(before.current->key == after.current->key);
  if (auto saved = save(std::move(after)); !saved) return saved.error();
  if (another_key) {
    promoted_ = true;
    say("the records of the key before are retiring: keep them published until every server has loaded the new key");
    if (auto pruned = prune_generations(shop_.files(), shop_.paths(), lineage_.name); !pruned) return pruned.error();
  }
  // The key that was next is in a generation now; a second copy would be taken for a staged one, and a third lies idle.
  if (facts_.next && facts_.deployed && facts_.next->key == facts_.deployed->chain.leaf().key) {
    const Paths paths = shop_.paths();
    for (const std::string& copy : {paths.next(lineage_.name), paths.private_config(lineage_.name)}) {
      if (auto removed = shop_.files().remove_tree(copy); !removed) return removed.error();
    }
  }
  return Next::again;
}

Roll::Progress Roll::restore_reuse_key() {
  if (auto locked = lock_certbot_now(); !locked) return locked.error();
  const auto put_back = put_reuse_key_back(shop_.files(), shop_.config().certbot_dir, lineage_.name);
  if (!put_back) return put_back.error();
  shop_.output.warn(
      fmt::format("{}: certbot's renewal configuration had lost reuse_key = True; it is set again", lineage_.name),
      "put `reuse-key = true` into certbot's cli.ini, so that no certbot call drops it");
  return Next::again;
}

Roll::Progress Roll::adopt() {
  auto theirs = read_certbot_lineage(shop_.files(), shop_.config().certbot_dir, lineage_.name);
  if (!theirs) return theirs.error();
  const KeyAndChain material{std::move(theirs->private_key), std::move(theirs->chain)};
  // The lineage is read again here, and certbot may have moved on: only the current key may go out without a look.
  if (!(material.chain.leaf().key == facts_.deployed->chain.leaf().key)) return Next::again;
  const auto number = deploy(shop_.files(), shop_.paths(), lineage_, material);
  if (!number) return number.error();
  say(fmt::format("deployed certbot's newer certificate for the same key (generation {}, ends {})", *number,
                  to_rfc3339(material.chain.leaf().not_after)));
  return Next::again;
}

Roll::Progress Roll::keep_candidate() {
  const auto theirs = read_certbot_lineage(shop_.files(), shop_.config().certbot_dir, lineage_.name);
  if (!theirs) return theirs.error();
  const Certificate& leaf = theirs->chain.leaf();
  const std::string folder = shop_.paths().candidate(lineage_.name, leaf.key.sha256);
  Files& files = shop_.files();
  for (const std::string& path : {shop_.paths().candidates(lineage_.name), folder}) {
    if (auto made = files.make_folder(path, 0700); !made) return made.error();
  }
  if (auto written = files.write(folder + "/privkey.pem", theirs->private_key, {.mode = 0600}); !written) {
    return written.error();
  }
  if (auto written = files.write(folder + "/fullchain.pem", theirs->chain.pem(), {.mode = 0600}); !written) {
    return written.error();
  }
  State state = state_;
  CandidateKey candidate{leaf.key, leaf.fingerprint, leaf.not_before, leaf.not_after, shop_.world.clock.now()};
  for (const CandidateKey& known : state.candidates) {
    if (known.key == leaf.key) candidate.since = known.since;
  }
  std::erase_if(state.candidates, [&](const CandidateKey& known) { return known.key == leaf.key; });
  state.candidates.push_back(candidate);
  if (auto saved = save(std::move(state)); !saved) return saved.error();
  shop_.output.warn(
      fmt::format("{}: certbot has made another key, {}; it is not deployed, and the key before is still served",
                  lineage_.name, leaf.key.sha256),
      fmt::format("publish its records too (`danectl records {}`); it is deployed once they are ready", lineage_.name));
  return Next::again;
}

Roll::Progress Roll::install() {
  const auto locked = lock_certbot_now();
  if (!locked) return locked.error();
  if (*locked) return Next::again;
  const auto material = read_generation(shop_.files(), shop_.paths(), lineage_.name, facts_.deployed->generation);
  if (!material) return material.error();
  if (auto done = install_as_next_version(shop_.files(), shop_.config().certbot_dir, lineage_.name, *material); !done) {
    return done.error();
  }
  fresh_look_ = false;
  say("installed it as the next version of certbot's lineage: `certbot renew` goes on with this key");
  return Next::again;
}

Roll::Progress Roll::run_hooks() {
  certbot_lock_.reset();  // a hook may call certbot
  fresh_look_ = false;
  hooks_run_ = true;
  // Within certbot's own deploy hook its other hooks are certbot's to run.
  if (mode_ != RollMode::deploy_hook && state_.pending.certbot_hooks_since) {
    if (auto done = run_certbot_hooks(shop_, lineage_.name); !done) {
      hooks_failed_ = done.error();
    } else if (auto saved = clear_pending(&Pending::certbot_hooks_since); !saved) {
      return saved.error();
    }
  }
  if (state_.pending.reload_since) {
    if (auto done = run_reloads(shop_, lineage_); !done) {
      hooks_failed_ = done.error();
    } else if (auto saved = clear_pending(&Pending::reload_since); !saved) {
      return saved.error();
    } else if (!lineage_.reload.empty()) {
      say("reloaded the servers");
    }
  }
  return Next::again;
}

Status Roll::clear_pending(std::optional<Instant> Pending::*which) {
  State state = state_;
  (state.pending.*which).reset();
  if (which == &Pending::reload_since) state.hook_error.clear();
  return save(std::move(state));
}

Roll::Progress Roll::issue(const Step& step) {
  if (promoted_) return Next::rest;
  if (issued_) return failed(fmt::format("the certificate for the next key may not be deployed: {}", step.why));
  const auto locked = lock_certbot_now();
  if (!locked) return locked.error();
  if (*locked) return Next::again;
  const std::string path = shop_.paths().next_key(lineage_.name);
  auto key = shop_.files().read(path);
  if (!key) return key.error();
  const auto chain = shop_.world.authority(shop_.config())->issue({lineage_.name, std::move(key).value()});
  if (!chain) return chain.error();
  issued_ = true;
  if (auto kept = shop_.files().write(shop_.paths().next_chain(lineage_.name), chain->pem(), {.mode = 0600}); !kept) {
    return kept.error();
  }
  say(fmt::format("got a certificate for the next key, ends {}", to_rfc3339(chain->leaf().not_after)));
  if (auto looked = look_again(); !looked) return looked.error();
  return Next::again;
}

Roll::Progress Roll::deploy_ready(const Step& step) {
  if (promoted_) return Next::rest;
  const auto locked = lock_certbot_now();
  if (!locked) return locked.error();
  if (!fresh_look_) {
    if (auto looked = look_again(); !looked) return looked.error();
    return Next::again;
  }
  auto material = [&]() -> Result<KeyAndChain> {
    if (step.kind == StepKind::deploy_candidate) {
      return read_candidate(shop_, lineage_.name, facts_.candidates[step.candidate].key);
    }
    auto key = shop_.files().read(shop_.paths().next_key(lineage_.name));
    if (!key) return key.error();
    return KeyAndChain{std::move(key).value(), facts_.next->issued->chain};
  }();
  if (!material) return material.error();
  const auto number = deploy(shop_.files(), shop_.paths(), lineage_, *material);
  if (!number) return number.error();
  say(fmt::format("deployed generation {}: key {}", *number, material->chain.leaf().key.sha256));
  return Next::again;
}

Roll::Progress Roll::stage_step() {
  if (!promoted_ && !state_.pending.stage_since) {
    return failed("there is no next key to promote", fmt::format("danectl stage {}", lineage_.name));
  }
  if (auto staged = stage(); !staged) return staged.error();
  say("staged the following next key; publish its records: danectl records " + lineage_.name);
  return Next::rest;
}

Roll::Progress Roll::not_ready(const Step& step) {
  if (promoted_) return Next::rest;
  return not_promoted(lineage_.name, facts_.next->gate, step, looks_.front().started, shop_.output);
}

Status Roll::stage() {
  if (auto loaded = load(); !loaded) return loaded;
  const std::string path = shop_.paths().next_key(lineage_.name);
  const auto there = shop_.files().info(path);
  if (!there) return there.error();
  if (*there) return failed(fmt::format("{} is there already", path), "it is never written over");
  KeyType type = lineage_.key.value_or(state_.current ? state_.current->key.type : KeyType::other);
  if (type == KeyType::other) {
    return failed("the current key is of a type that danectl does not make",
                  fmt::format("set `key` in {}", shop_.settings.lineage_path(lineage_.name)));
  }
  const auto pem = shop_.world.keys.make(type);
  if (!pem) return pem.error();
  if (auto made = shop_.files().make_folder(shop_.paths().next(lineage_.name), 0700); !made) return made;
  if (auto written = shop_.files().write(path, *pem, {.mode = 0600}); !written) return written;
  auto facts = observe(shop_, lineage_, state_, looks_, hold_down_);
  if (!facts) return facts.error();
  return save(settled(*facts, lineage_, shop_.world.clock.now()));
}

}  // namespace danectl
