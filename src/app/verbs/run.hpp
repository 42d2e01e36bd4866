#pragma once

#include "app/verbs/verb.hpp"

#include <string>
#include <vector>

namespace danectl {

struct RunOptions {
  bool dry_run = false;
};

// The timer's verb: every step that is due, for every lineage. Waiting is its normal state (exit 0).
int run(const RunOptions& options, const Workshop& shop);

std::unique_ptr<Verb> run_verb();

}  // namespace danectl
