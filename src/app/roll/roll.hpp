// Carrying the plan out: do the one step it names, save, look again, until it rests. A cut at any point is found by the
// next call from the files alone, so recovery is no special case.
#pragma once

#include "app/certbot/certbot_lineage.hpp"
#include "app/frame/workshop.hpp"
#include "app/publish/publisher.hpp"
#include "app/publish/sharing.hpp"
#include "core/rollover/plan.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>

namespace danectl {

// What a caller may do and wants done.
enum class RollMode {
  run,          // every step that is due
  promote,      // all the way to the next key
  settle,       // only the state
  take_stock,   // what adopts and settles, too; stops where the plan would stage, issue, install or wait
  complete,     // and what gives certbot the deployed generation
  deploy_hook,  // take_stock under certbot's own lock, which certbot holds for us
};

class Roll {
 public:
  // `looks`: those of the lineage's owners; empty when DNS was not asked, which only take_stock and deploy_hook may.
  // REQUIRES: the store's lock is held, but for preview().
  Roll(const Workshop& shop, const LineageConfig& lineage, std::vector<OwnerLook> looks, RollMode mode,
       HoldDown hold_down);

  // Carries out steps until the plan rests. The error says why what was asked for was not done; of several the first,
  // the others were said already.
  Status run();

  // The step that run() would begin with. Writes nothing.
  Result<Step> preview();

  // Makes the next key (REQUIRES: none is there) and notes it in the state.
  Status stage();

  // Gets the certificate for the next key now, whether or not its records are ready; one there already that is good for
  // a promotion is kept. REQUIRES: there is a next key.
  Status issue_ahead();

  // Publishes what is wanted at the lineage's owners.
  Status publish();

  // Deletes what may go. Held back: an error (not_yet) for a person, silence for `run`.
  Status retire(RetireRule rule);
  Status retire_foreign(const Association& association);
  // What may go and what not: of the retiring records, or of this association. Asks servers where that decides.
  Result<std::vector<Retirement>> judged(RetireRule rule, const std::optional<Association>& foreign);
  // What may go by a person's word may go from now on, be it that a server fails or that the person deletes it.
  Status note_decided(RetireRule rule, const std::vector<Retirement>& judged);
  // Drops from the state what no server has any more.
  Status forget_gone(const std::vector<Retirement>& retiring);

  // Drops the next key. REQUIRES: there is one.
  Status discard_next();

  // The newest generation with another key becomes the deployed one, if that key is ready (else not_yet) and its chain
  // passes what a candidate has to pass. preview_rollback() says which key that is, and changes nothing.
  Status roll_back();
  Result<KeyId> preview_rollback();

  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const Facts& facts() const { return facts_; }
  [[nodiscard]] const std::vector<OwnerLook>& looks() const { return looks_; }

  // Observes anew; facts() then are of now.
  Status observe_now();

 private:
  enum class Next { again, rest };
  using Progress = Result<Next>;

  Status load();
  Status look_again();
  Status look_freshly();
  Status save(State state);
  Status clear_pending(std::optional<Instant> Pending::*which);
  [[nodiscard]] Instant now() const;
  [[nodiscard]] Status outcome() const;
  [[nodiscard]] Status ended_by(const Error& error) const;
  void say_what_is_left_behind() const;
  Result<Step> observe_and_plan();
  Progress perform(const Step& step);
  Progress left_for_later(StepKind kind, const Status& done);
  Progress rest_or_fail(const Error& error) const;

  Progress settle();
  Status clear_candidates();
  Progress forget();
  Progress restore_reuse_key();
  Progress adopt();
  Progress keep_candidate();
  Progress install();
  Status install_deployed(const KeyAndChain& material);
  Progress run_hooks();
  Progress issue(const Step& step);
  Progress deploy_ready(const Step& step);
  Progress stage_step();
  Progress not_ready(const Step& step);

  Status settle_only();
  Result<KeyAndChain> key_before();
  Status keep_as_next(const KeyAndChain& material);
  Status get_certificate();
  Error noted_as_refusal(const Error& error);  // saves it in the state; `error`, with when `run` asks the CA again
  Status add_records(Publisher& publisher, const std::vector<RRsetChange>& changes);
  [[nodiscard]] RetirementInput retirement_input(const Sharing& sharing, RetireRule rule,
                                                 const Presented* presented) const;
  [[nodiscard]] bool servers_differ(const std::vector<Retirement>& due) const;
  Result<bool> remove_records(Publisher& publisher, const std::vector<Retirement>& due);  // false: look again
  Status change_states(const std::function<State(State)>& change);
  Status delete_due(RetireRule rule, const std::optional<Association>& foreign);

  Result<bool> lock_certbot_now();  // true when it was not held before
  void say(const std::string& what) const;
  [[nodiscard]] bool unattended() const { return mode_ == RollMode::run; }

  const Workshop& shop_;
  const LineageConfig& lineage_;
  std::vector<OwnerLook> looks_;
  RollMode mode_;
  HoldDown hold_down_;
  State state_;
  Facts facts_;
  bool loaded_ = false;
  bool promoted_ = false;    // in this call: what was asked for is done
  bool issued_ = false;      // in this call: a chain refused now will not get better by asking again
  bool fresh_look_ = false;  // nothing that takes time happened since the last look
  std::set<StepKind> tried_;
  std::optional<Error> failure_;  // the first of this call that did not end it
  std::unique_ptr<FileLock> certbot_lock_;
};

}  // namespace danectl
