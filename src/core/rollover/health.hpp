// How a lineage does, in one word, and what comes next: what `status` tells.
#pragma once

#include "core/rollover/plan.hpp"

namespace danectl {

enum class Health {
  ok,         // nothing to do
  waiting,    // for time or DNS
  attention,  // a person must act
  broken,     // senders that check DANE fail now
};
std::string_view to_text(Health health);

struct Report {
  Health health = Health::ok;
  Step action;
};

// Who takes the steps that are due.
struct Hands {
  bool timer = false;                 // `danectl run` has been seen at work here
  std::vector<DnsName> by_hand = {};  // owners whose records a person publishes and deletes (method "print")
};

struct HealthInput {
  const Facts& facts;
  const LineageConfig& lineage;
  const std::vector<OwnerLook>& looks;  // empty: DNS was not asked
  const CheckConfig& limits;
  Step step;  // the plan's
  WallTime now;
  Hands hands{};
};

Report health(const HealthInput& input);

}  // namespace danectl
