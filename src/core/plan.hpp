// The plan: what is the one next step for a lineage? A pure function of what was observed. It is asked again after each
// step, so a step that was cut short by a power failure is simply found undone.
#pragma once

#include "core/config.hpp"
#include "core/facts.hpp"

#include <optional>
#include <string>

namespace danectl {

enum class StepKind {
  settle,             // write the state that the files show
  restore_reuse_key,  // certbot's conf lost it
  adopt,              // certbot has a newer certificate for the current key
  keep_candidate,     // certbot has a foreign key: copy it, so that its record can be published
  install,            // certbot is on a key of before: give it the deployed generation
  run_hooks,          // pending reloads and deploy hooks
  deploy_candidate,   // a ready one
  stage,
  publish,      // the next key's records are not in DNS
  wait,         // for DNS or for time
  issue,        // get the certificate for the ready next key
  deploy_next,  // and serve it
  person,       // only a person can go on
  nothing,
};

struct Step {
  StepKind kind = StepKind::nothing;
  std::string what;  // "publish the records of the next key"
  std::string why;
  std::optional<WallTime> when;  // not before; nothing: now, or not known
  std::size_t candidate = 0;     // for deploy_candidate: its place in Facts::candidates
};

// What was asked for: the plan of `promote` goes on to issue and deploy where that of the others would rest.
enum class Goal { keep_going, promote };

// Whether pending reloads and hooks are still to be tried in this call. One that just failed stays pending for a later
// call, and must not keep the rest from being done.
enum class PendingHooks { to_be_tried, tried_in_vain };

struct PlanInput {
  const Facts& facts;
  const LineageConfig& lineage;
  Instant now;  // the start of the last look
  Goal goal = Goal::keep_going;
  HoldDown hold_down = HoldDown::required;
  PendingHooks hooks = PendingHooks::to_be_tried;
};

Step plan(const PlanInput& input);

// The state that the files show (StepKind::settle): current is what is deployed, next is what is staged. What stopped
// being either becomes retiring; nothing is forgotten while a server may still present it (promise 2). Equal to
// `facts.state` when there is nothing to settle.
State settled(const Facts& facts, const LineageConfig& lineage, const Instant& now);

}  // namespace danectl
