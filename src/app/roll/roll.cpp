#include "app/roll/roll.hpp"

#include "app/roll/observe.hpp"
#include "app/store/generations.hpp"
#include "app/store/store.hpp"
#include "core/rollover/settle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

bool allowed(RollMode mode, StepKind kind) {
  if (mode == RollMode::run || mode == RollMode::promote) return true;
  if (kind == StepKind::settle) return true;
  if (mode == RollMode::settle) return false;
  if (kind == StepKind::install) return mode == RollMode::complete;
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
  shop_.aliases->note(state_);
  say_what_is_left_behind();
  State after = with_looks(state_, looks_);
  for (const OwnerLook& look : looks_) {
    if (is_by_hand(shop_, look.owner)) after = with_given_back(std::move(after), look);
  }
  return save(std::move(after));
}

// Once, since the state then knows nothing more of that owner.
void Roll::say_what_is_left_behind() const {
  for (const OwnerLedger& ledger : state_.ledgers) {
    const DnsName& owner = ledger.owner;
    if (std::find(lineage_.tlsa.begin(), lineage_.tlsa.end(), owner) != lineage_.tlsa.end()) continue;
    shop_.output.warn(
        fmt::format("{}: {} is no longer in `tlsa`: its records stay as they are", lineage_.name, owner.text()),
        "delete them before the next promotion, when they will match no key any more; or put it back");
  }
}

Status Roll::look_again() {
  auto looks = look_at(shop_, lineage_.tlsa);
  if (!looks) return looks.error();
  looks_ = std::move(looks).value();
  fresh_look_ = true;
  return save(with_looks(state_, looks_));
}

Status Roll::look_freshly() {
  if (fresh_look_) return {};
  return look_again();
}

Instant Roll::now() const {
  return looks_.empty() ? shop_.world.clock.now() : looks_.front().started;
}

Status Roll::observe_now() {
  auto facts = observe(shop_, lineage_, state_, looks_, hold_down_);
  if (!facts) return facts.error();
  facts_ = std::move(facts).value();
  return {};
}

Result<Step> Roll::observe_and_plan() {
  if (auto observed = observe_now(); !observed) return observed.error();
  return plan({facts_, lineage_, now(), mode_ == RollMode::promote ? Goal::promote : Goal::run, tried_});
}

Result<Step> Roll::preview() {
  if (!loaded_) {
    auto state = load_state(shop_.files(), shop_.paths(), lineage_.name);
    if (!state) return state.error();
    state_ = with_looks(std::move(state).value(), looks_);
    loaded_ = true;
  }
  return observe_and_plan();
}

Status Roll::run() {
  if (auto loaded = load(); !loaded) return loaded;
  for (int steps = 0; steps < most_steps; ++steps) {
    const auto step = observe_and_plan();
    if (!step) return ended_by(step.error());
    if (!allowed(mode_, step->kind)) return outcome();
    if (shop_.output.verbosity == Verbosity::verbose) {
      shop_.output.err << fmt::format("danectl: {}: step: {}: {}\n", lineage_.name, step->what, step->why);
    }
    const auto done = perform(*step);
    if (!done) return ended_by(done.error());
    if (*done == Next::rest) return outcome();
  }
  return failed(fmt::format("the plan does not come to rest after {} steps", most_steps), "please report this");
}

// Both are said, and the exit code is that of the worse.
Status Roll::ended_by(const Error& error) const {
  if (!failure_) return error;
  const bool failure_is_worse = failure_->kind != ErrorKind::not_yet;
  shop_.output.trouble(lineage_.name, failure_is_worse ? error : *failure_);
  return failure_is_worse ? *failure_ : error;
}

Status Roll::outcome() const {
  if (failure_) return *failure_;
  return {};
}

Roll::Progress Roll::left_for_later(StepKind kind, const Status& done) {
  tried_.insert(kind);
  if (done) return Next::again;
  if (failure_) {
    shop_.output.trouble(lineage_.name, done.error());
  } else {
    failure_ = done.error();
  }
  return Next::again;
}

// For `run` waiting is the normal state.
Roll::Progress Roll::rest_or_fail(const Error& error) const {
  if (!unattended() || error.kind != ErrorKind::not_yet) return error;
  if (shop_.output.verbosity == Verbosity::verbose) shop_.output.warn(lineage_.name + ": " + error.what, error.hint);
  return Next::rest;
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
      if (!unattended()) return not_ready(step);
      return left_for_later(step.kind, publish());
    case StepKind::retire:
      return left_for_later(step.kind, retire(RetireRule::unattended));
    case StepKind::forget:
      return forget();
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
    const bool is_next_now = state_.next && state_.next->key == before.current->key;
    say(is_next_now
            ? "the key before is the next key now; only a person promotes it"
            : "the records of the key before are retiring: keep them published until every server has loaded the "
              "new key");
    if (auto pruned = prune_generations(shop_.files(), shop_.paths(), lineage_.name); !pruned) return pruned.error();
  }
  if (auto cleared = clear_candidates(); !cleared) return cleared.error();
  // The key that was next is in a generation now; a second copy would be taken for a staged one, and a third lies idle.
  if (facts_.next && facts_.deployed && facts_.next->key == facts_.deployed->chain.leaf().key) {
    const Paths paths = shop_.paths();
    for (const std::string& copy : {paths.next(lineage_.name), paths.private_config(lineage_.name)}) {
      if (auto removed = shop_.files().remove_tree(copy); !removed) return removed.error();
    }
  }
  return Next::again;
}

// Copies of candidates that are none any more.
Status Roll::clear_candidates() {
  const std::string folder = shop_.paths().candidates(lineage_.name);
  const auto there = shop_.files().info(folder);
  if (!there) return there.error();
  if (!*there) return {};
  const auto names = shop_.files().list(folder);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    const bool waits = std::any_of(state_.candidates.begin(), state_.candidates.end(),
                                   [&](const CandidateKey& candidate) { return candidate.copy == name; });
    if (waits) continue;
    if (auto removed = shop_.files().remove_tree(folder + "/" + name); !removed) return removed;
  }
  return {};
}

// By a look of its own: in this call a record may have been published again for another lineage.
Roll::Progress Roll::forget() {
  if (!fresh_look_ && !looks_.empty()) {
    if (auto looked = look_again(); !looked) return rest_or_fail(looked.error());
    return Next::again;
  }
  if (auto forgotten = forget_gone(facts_.retiring); !forgotten) return forgotten.error();
  return Next::again;
}

Status Roll::forget_gone(const std::vector<Retirement>& retiring) {
  State state = state_;
  for (const Retirement& retirement : retiring) {
    if (retirement.verdict == Retirement::Verdict::gone) std::erase(state.retiring, retirement.record);
  }
  return save(std::move(state));
}

}  // namespace danectl
