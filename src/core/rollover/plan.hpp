// The plan: what is the one next step for a lineage? One ordered table, a pure function of what was
// observed. It is asked again after each step, so a step that was cut short by a power failure is simply found undone.
#pragma once

#include "core/config/lineage_config.hpp"
#include "core/rollover/facts.hpp"

#include <optional>
#include <set>
#include <string>

namespace danectl {

enum class StepKind {
  person,             // only a person can go on
  settle,             // write the state that the files show
  restore_reuse_key,  // certbot's conf lost it
  adopt,              // certbot has a newer certificate that may be deployed at once
  install,            // certbot is on a key of before: give it the deployed generation
  keep_candidate,     // certbot has another chain: copy it, so that its records can be published
  run_hooks,          // pending reloads and deploy hooks
  deploy_candidate,   // a ready one
  stage,
  publish,      // add records
  retire,       // delete records
  issue,        // get the certificate for the ready next key
  deploy_next,  // and serve it
  wait,         // for DNS or for time
  nothing,
};

struct Step {
  StepKind kind = StepKind::nothing;
  std::string what;  // "publish the records of the next key"
  std::string why;
  std::optional<WallTime> when;  // not before; nothing: now, or not known
  std::size_t candidate = 0;     // for deploy_candidate: its place in Facts::candidates
};

// Who asks. `run` promotes when `rollover` says so and the CA is not to be left in peace; a person's `promote` goes on
// to issue and deploy at once.
enum class Goal { run, promote };

// Whether nothing is done: a person has to act, or time has to pass, or there is nothing to do.
bool is_rest(StepKind kind);

using StepKinds = std::set<StepKind>;
// What is allowed to the verbs; a line of the table that is not is passed over.
StepKinds every_step();
StepKinds steps_of_promote();      // all but changes of DNS
StepKinds steps_of_deploy_hook();  // what certbot's files and the servers want, no look at DNS

struct PlanInput {
  const Facts& facts;
  const LineageConfig& lineage;
  Instant now;  // the start of the last look
  Goal goal = Goal::run;
  StepKinds takes = every_step();
  // What was tried in this call and is left for a later one: it must not keep the rest from being done.
  StepKinds tried{};
  bool promoted = false;  // another key was deployed in this call: the one after it is for a later call
};

Step plan(const PlanInput& input);

// Whether the next change there is a first record (promise 3), for which probes are asked; and why it is to be made.
bool begins_where_probed(const PlaceFact& place);
inline constexpr const char* begins_dane =
    "they begin DANE there once every server that is probed presents a chain that they match";

// How long the CA is left in peace after so many refusals: 1, 2, 4, 8, 16, then 24 hours. Let's Encrypt, for one, gives
// no more than five certificates for the same names a week.
Seconds back_off(unsigned refusals);

// The first moment at which `run` asks the CA again for a certificate for the next key; nothing: it may, or need not.
std::optional<WallTime> next_attempt(const Facts& facts, const Instant& now);

}  // namespace danectl
