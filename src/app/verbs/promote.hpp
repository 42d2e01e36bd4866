#pragma once

#include "app/verbs/verb.hpp"
#include "core/rollover/held.hpp"

#include <string>
#include <vector>

namespace danectl {

struct PromoteOptions {
  std::vector<std::string> names;
  Caches caches = Caches::count;
  bool wait = false;  // stay until the next keys are ready
  bool dry_run = false;
};

int promote(const PromoteOptions& options, const Workshop& shop);

std::unique_ptr<Verb> promote_verb();

}  // namespace danectl
