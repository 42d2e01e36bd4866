// Carrying the plan out: do the one step it names, save, look again, until it rests. A cut at any point is found by the
// next call from the files alone, so recovery is no special case.
#pragma once

#include "app/certbot/certbot_lineage.hpp"
#include "app/publish/publisher.hpp"
#include "app/roll/observe.hpp"
#include "core/rollover/plan.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>

namespace danectl {

// What a verb may do.
enum class RollMode {
  run,          // every step that is due
  promote,      // all the way to the next key; no change of DNS
  settle,       // only the state
  complete,     // what settles, adopts, and gives certbot the deployed generation
  deploy_hook,  // the same under certbot's own lock, which certbot holds for us: nothing is installed
};

// What is to be changed now.
struct DueChange {
  PlaceFact place;
  DnsChange change;
};
struct DueNow {
  std::vector<DueChange> changes;
  std::optional<Error> held;  // why a record that is to be added is not among them
};

class Roll {
 public:
  // `look`: at the lineage's owners; without owners when DNS was not asked, which only deploy_hook may.
  // REQUIRES: the store's lock is held, but for preview().
  Roll(const Workshop& shop, const LineageConfig& lineage, Look look, RollMode mode, Observation how = {});

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

  // Changes DNS at the lineage's owners as far as that is allowed now: adds what is missing, or deletes what may go.
  Status publish();
  Status retire();
  // What publish() and retire() would change first, and what a person has to; the probes are asked where that is
  // needed. Writes nothing.
  Result<DueNow> due_now();
  // What a person has to change now. It is noted as asked for: the ledger reckons with it from now on.
  Result<DueNow> due_by_hand(const std::vector<DnsChange::Does>& kinds);
  Status retire_foreign(const Association& association);
  // Notes what a person says of the chains before. suppose_word() only reckons with it, for a dry run.
  Status note_word(RetireRule rule);
  Status suppose_word(RetireRule rule);
  // What stands against deleting a record that no lineage here knows; nothing: it is not there.
  Result<std::optional<Objections>> against_foreign(const PlaceFact& place, const Association& association);

  // Drops the next key. REQUIRES: there is one.
  Status discard_next();

  // The newest generation with another key becomes the deployed one, if its chain may be deployed (else not_yet).
  // preview_rollback() says which key that is, and changes nothing.
  Status roll_back();
  Result<KeyId> preview_rollback();

  // certbot with -q hides what its hooks print: `what` went wrong is kept where `status` shows it; empty: nothing did.
  Status note_hook_error(const std::string& what);

  // Whether a record was deleted in this call.
  [[nodiscard]] bool deleted_any() const { return deleted_any_; }

  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const Facts& facts() const { return facts_; }
  [[nodiscard]] Instant now() const { return moment_of(shop_, look_); }

  // Observes anew; facts() then are of now.
  Status observe_now();

 private:
  enum class Next { again, rest };
  using Progress = Result<Next>;

  Status load();
  void say_what_is_left_behind() const;
  [[nodiscard]] Reading reading() const;
  Status save_look();  // and the time that has passed
  Status look_again();
  Status look_freshly();
  Status save(State state);
  Status clear_hooks_pending();
  [[nodiscard]] Status outcome() const;
  [[nodiscard]] Status ended_by(const Error& error) const;
  Result<Step> observe_and_plan();
  Progress perform(const Step& step);
  Progress left_for_later(StepKind kind, const Status& done);
  Progress rest_or_fail(const Error& error) const;

  Progress settle();
  Status begin_ledgers_anew();
  Progress restore_reuse_key();
  Progress adopt();
  Progress keep_candidate();
  Progress install();
  Status install_deployed(const KeyAndChain& material);
  Progress run_hooks();
  Progress issue();
  Progress deploy_ready(const Step& step);
  Result<unsigned> deploy(const KeyAndChain& material);
  void warn_of_names_that_go(std::string_view whose, const Certificate& fresh) const;
  Progress stage_step();
  Progress not_ready(const Step& step);

  Status settle_only();
  Result<KeyAndChain> key_before();
  Status keep_as_next(const KeyAndChain& material);
  Status get_certificate();
  Status keep_next_chain(const Chain& chain);
  Status note_order();
  Status order_ended(State state);
  Error noted_as_refusal(const Error& error);  // saves it in the state; `error`, with when `run` asks the CA again

  Status change_dns(DnsChange::Does does);
  void take_what_was_shown();
  Result<DueNow> due_at(const std::vector<PlaceFact>& places, const std::vector<DnsChange::Does>& kinds);
  Status note_by_hand(const PlaceFact& place, const DnsChange& change);
  Result<bool> change_once(DnsChange::Does does);
  Result<std::optional<DnsChange>> change_at(const PlaceFact& place, DnsChange::Does does);
  ChangeResult send(const PlaceFact& place, const DnsChange& change, const ChangeRule& rule);

  Result<bool> lock_certbot_now();  // true when it was not held before
  void say(const std::string& what) const;
  [[nodiscard]] bool unattended() const { return mode_ == RollMode::run; }
  [[nodiscard]] StepKinds takes() const;

  const Workshop& shop_;
  const LineageConfig& lineage_;
  Look look_;
  RollMode mode_;
  Observation how_;
  State state_;
  Facts facts_;
  bool deleted_any_ = false;
  bool loaded_ = false;
  bool promoted_ = false;    // in this call
  bool fresh_look_ = false;  // nothing that takes time happened since the last look
  StepKinds tried_;
  std::optional<Error> failure_;         // the first of this call that did not end it
  std::map<DnsName, Shown> shown_;       // by probes, since the last observation that asked none
  std::optional<Error> change_failure_;  // of this change of DNS
  std::optional<Error> held_;            // why something that is due was not changed
  bool held_waits_for_dns_ = false;
  std::set<std::tuple<DnsName, DnsChange::Does, RRset>> sent_;  // in this call, so that none is sent twice
  bool waits_for_servers_ = false;                              // name servers have to follow first
  std::unique_ptr<FileLock> certbot_lock_;
};

}  // namespace danectl
