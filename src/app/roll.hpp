// Carrying the plan out: do the one step it names, save, look again, until it rests. A cut at any point is found by the
// next call from the files alone, so recovery is no special case.
#pragma once

#include "app/workshop.hpp"
#include "core/plan.hpp"

#include <memory>
#include <optional>

namespace danectl {

// What a caller may do and wants done.
enum class RollMode {
  promote,      // all the way to the next key
  settle,       // only the state
  take_stock,   // what adopts and settles, too; stops where the plan would stage, issue, install or wait
  deploy_hook,  // take_stock under certbot's own lock, which certbot holds for us
};

class Roll {
 public:
  // `looks`: those of the lineage's owners; empty when DNS was not asked, which only take_stock and deploy_hook may.
  // REQUIRES: the store's lock is held.
  Roll(const Workshop& shop, const LineageConfig& lineage, std::vector<OwnerLook> looks, RollMode mode,
       HoldDown hold_down);

  // Carries out steps until the plan rests. The error says why what was asked for was not done.
  Status run();

  // Makes the next key (REQUIRES: none is there) and notes it in the state.
  Status stage();

  [[nodiscard]] const State& state() const { return state_; }

 private:
  enum class Next { again, rest };
  using Progress = Result<Next>;

  Status load();
  Status look_again();
  Status save(State state);
  Status clear_pending(std::optional<Instant> Pending::*which);
  [[nodiscard]] Status outcome() const;
  Result<Step> observe_and_plan();
  Progress perform(const Step& step);

  Progress settle();
  Progress restore_reuse_key();
  Progress adopt();
  Progress keep_candidate();
  Progress install();
  Progress run_hooks();
  Progress issue(const Step& step);
  Progress deploy_ready(const Step& step);
  Progress stage_step();
  Progress not_ready(const Step& step);

  Result<bool> lock_certbot_now();  // true when it was not held before
  void say(const std::string& what) const;

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
  bool hooks_run_ = false;
  std::optional<Error> hooks_failed_;
  std::unique_ptr<FileLock> certbot_lock_;
};

}  // namespace danectl
