#pragma once

#include "app/verbs/verb.hpp"

#include <string>

namespace danectl {

struct ReleaseOptions {
  std::string name;
  bool dry_run = false;
};

// Forgets a lineage, and leaves live/NAME, its generations, certbot and DNS as they are.
int release(const ReleaseOptions& options, const Workshop& shop);

std::unique_ptr<Verb> release_verb();

}  // namespace danectl
