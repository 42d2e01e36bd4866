#pragma once

#include "app/store/workshop.hpp"

#include <string>

namespace danectl {

struct DiscardOptions {
  std::string name;
  bool dry_run = false;
};

// Drops the next key; its published record becomes retiring.
int discard(const DiscardOptions& options, const Workshop& shop);

}  // namespace danectl
