#include "app/roll/roll.hpp"

#include "app/roll/housekeeping.hpp"
#include "app/store/leftovers.hpp"
#include "app/store/store.hpp"
#include "core/rollover/settle.hpp"
#include "core/rollover/state_json.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

// Far more than any lineage needs; a plan that asks for the same thing for ever must not hang a mail server's timer.
constexpr int most_steps = 100;

}  // namespace

Roll::Roll(const Workshop& shop, const LineageConfig& lineage, Look look, RollMode mode, Observation how)
    : shop_(shop), lineage_(lineage), look_(std::move(look)), mode_(mode), how_(how) {}

StepKinds Roll::takes() const {
  switch (mode_) {
    case RollMode::run:
      return every_step();
    case RollMode::promote:
      return steps_of_promote();
    case RollMode::settle:
      return {StepKind::settle};
    case RollMode::complete:
      return steps_of_deploy_hook();
    case RollMode::deploy_hook:
      break;
  }
  StepKinds kinds = steps_of_deploy_hook();
  kinds.erase(StepKind::install);  // certbot is at work with its lineage
  return kinds;
}

void Roll::say(const std::string& what) const {
  if (shop_.output.verbosity != Verbosity::quiet) shop_.output.out << lineage_.name << ": " << what << '\n';
}

Status Roll::save(State state) {
  if (state == state_) return {};
  if (auto saved = save_state(shop_.files(), shop_.paths(), state); !saved) return saved;
  if (shop_.output.verbosity >= Verbosity::debug) {
    for (const std::string& line : differences(state_, state)) {
      shop_.output.err << fmt::format("danectl: {}: state: {}\n", lineage_.name, line);
    }
  }
  state_ = std::move(state);
  return {};
}

Status Roll::load() {
  if (loaded_) return {};
  clear_leftovers(shop_, lineage_.name);
  auto state = load_state(shop_.files(), shop_.paths(), lineage_.name);
  if (!state) return state.error();
  state_ = std::move(state).value();
  loaded_ = true;
  say_what_is_left_behind();
  return save_look();
}

Reading Roll::reading() const {
  return {shop_.world.clock.now(), look_.signed_time};
}

Status Roll::save_look() {
  if (auto saved = shop_.book->save(shop_.files(), shop_.paths()); !saved) return saved;
  return save(counted(state_, lineage_, reading()));
}

// Once, since the state is then settled to the owners of now.
void Roll::say_what_is_left_behind() const {
  for (const DnsName& owner : state_.owners) {
    if (std::find(lineage_.tlsa.begin(), lineage_.tlsa.end(), owner) != lineage_.tlsa.end()) continue;
    shop_.output.warn(
        fmt::format("{}: {} is no longer in `tlsa`: its records stay as they are", lineage_.name, owner.text()),
        "delete them before the next promotion, because no key matches them after it; or put the owner back");
  }
}

Status Roll::look_again() {
  auto look = look_at(shop_, lineage_.tlsa);
  if (!look) return look.error();
  look_ = std::move(look).value();
  fresh_look_ = true;
  return save_look();
}

Status Roll::look_freshly() {
  if (fresh_look_) return {};
  return look_again();
}

Status Roll::observe_now() {
  auto facts = observe(shop_, lineage_, state_, look_, how_);
  if (!facts) return facts.error();
  facts_ = std::move(facts).value();
  return {};
}

Result<Step> Roll::observe_and_plan() {
  if (auto observed = observe_now(); !observed) return observed.error();
  const Goal goal = mode_ == RollMode::promote ? Goal::promote : Goal::run;
  return plan({facts_, lineage_, now(), goal, takes(), tried_, promoted_});
}

Result<Step> Roll::preview() {
  if (!loaded_) {
    auto state = load_state(shop_.files(), shop_.paths(), lineage_.name);
    if (!state) return state.error();
    state_ = counted(std::move(state).value(), lineage_, reading());
    loaded_ = true;
  }
  return observe_and_plan();
}

Status Roll::run() {
  if (auto loaded = load(); !loaded) return loaded;
  bool any_done = false;
  const auto tidied = [&](const Status& end) {
    if (any_done) keep_house(shop_, lineage_, facts_);
    return end;
  };
  for (int steps = 0; steps < most_steps; ++steps) {
    const auto step = observe_and_plan();
    if (!step) return ended_by(step.error());
    if (is_rest(step->kind) && mode_ != RollMode::run && mode_ != RollMode::promote) {
      if (!facts_.deployed) return ended_by(failed(step->why, step->what));
      return tidied(outcome());
    }
    if (shop_.output.verbosity >= Verbosity::verbose) {
      shop_.output.err << fmt::format("danectl: {}: step: {}: {}\n", lineage_.name, step->what, step->why);
    }
    const auto done = perform(*step);
    if (!done) {
      const Status end = ended_by(done.error());
      // Else the step may have been cut, and the facts are of before it.
      const bool rests = is_rest(step->kind) || done.error().kind == ErrorKind::not_yet;
      return rests ? tidied(end) : end;
    }
    any_done = any_done || !is_rest(step->kind);
    if (*done == Next::rest) return tidied(outcome());
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

Status Roll::note_hook_error(const std::string& what) {
  if (auto loaded = load(); !loaded) return loaded;
  State state = state_;
  state.hook_error = what;
  return save(std::move(state));
}

// For `run` waiting is the normal state.
Roll::Progress Roll::rest_or_fail(const Error& error) const {
  if (!unattended() || error.kind != ErrorKind::not_yet) return error;
  if (shop_.output.verbosity >= Verbosity::verbose) shop_.output.warn(lineage_.name + ": " + error.what, error.hint);
  return Next::rest;
}

Roll::Progress Roll::perform(const Step& step) {
  // All others may change what is served, or take their time.
  if (step.kind != StepKind::publish && step.kind != StepKind::retire) shop_.probes->forget();
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
      return left_for_later(step.kind, publish());
    case StepKind::retire:
      return left_for_later(step.kind, retire());
    case StepKind::wait:
      return not_ready(step);
    case StepKind::issue:
      return issue();
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

// The state is older than the files: what name servers were asked for since is not known.
Status Roll::begin_ledgers_anew() {
  bool any = false;
  for (const DnsName& owner : lineage_.tlsa) {
    for (const DnsName& name : names_that_count(shop_.book->ledgers(), owner, now())) {
      const Ledger& ledger = shop_.book->ledger(name);
      any = any || !ledger.servers.empty();
      Ledger anew = after_backup(ledger, shop_.world.clock.now());
      anew.name = name;
      shop_.book->replace(std::move(anew));
    }
  }
  if (auto saved = shop_.book->save(shop_.files(), shop_.paths()); !saved) return saved;
  return look_.owners.empty() || !any ? Status() : look_again();
}

Roll::Progress Roll::settle() {
  const State before = state_;
  // Before the state names what is deployed: a cut in between begins them anew once more.
  if (state_is_older(facts_) && before.current) {
    if (auto begun = begin_ledgers_anew(); !begun) return begun.error();
  }
  State after = settled(facts_, lineage_, shop_.world.clock.now());
  const bool another_key = before.current && after.current && !(before.current->key == after.current->key);
  if (auto saved = save(std::move(after)); !saved) return saved.error();
  if (another_key) {
    promoted_ = true;
    const bool is_next_now = state_.next && state_.next->key == before.current->key;
    say(is_next_now
            ? "the key before is the next key now; only a person promotes it"
            : "the records of the key before are retiring: keep them published until every server has loaded the "
              "new key");
  }
  return Next::again;
}

}  // namespace danectl
