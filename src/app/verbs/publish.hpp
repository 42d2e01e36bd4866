#pragma once

#include "app/verbs/verb.hpp"

#include <string>
#include <vector>

namespace danectl {

struct PublishOptions {
  std::vector<std::string> names;
  bool dry_run = false;
};

// Brings DNS to the wanted RRsets by the configured method.
int publish(const PublishOptions& options, const Workshop& shop);

std::unique_ptr<Verb> publish_verb();

}  // namespace danectl
