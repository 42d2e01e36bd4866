#pragma once

#include "app/verbs/verb.hpp"

#include <string>

namespace danectl {

struct DiscardOptions {
  std::string name;
  bool dry_run = false;
};

// Drops the next key; its published record becomes retiring.
int discard(const DiscardOptions& options, const Workshop& shop);

std::unique_ptr<Verb> discard_verb();

}  // namespace danectl
