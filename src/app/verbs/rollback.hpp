#pragma once

#include "app/verbs/verb.hpp"

#include <string>

namespace danectl {

struct RollbackOptions {
  std::string name;
  bool dry_run = false;
};

// Back to the key before, if its records are still ready. The key left becomes the next one, for a person to promote.
int rollback(const RollbackOptions& options, const Workshop& shop);

std::unique_ptr<Verb> rollback_verb();

}  // namespace danectl
