#pragma once

#include "app/verbs/verb.hpp"
#include "core/dns/association.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

struct RetireOptions {
  std::vector<std::string> names;
  bool now = false;
  std::optional<Association> foreign;
  bool dry_run = false;
};

// Deletes the retiring records that nobody needs any more.
int retire(const RetireOptions& options, const Workshop& shop);

std::unique_ptr<Verb> retire_verb();

}  // namespace danectl
