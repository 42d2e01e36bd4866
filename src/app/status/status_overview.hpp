// Several lineages, a line each.
#pragma once

#include "app/frame/output.hpp"
#include "core/rollover/health.hpp"

#include <string>
#include <vector>

namespace danectl {

struct OverviewLine {
  std::string name;
  Health health = Health::ok;
  bool dns_was_asked = true;
  Step action;
};

// The word for its state, in its colour. Without DNS "ok" and "waiting" would be guesses.
std::string state_word(Health health, bool dns_was_asked, const Output& output);

// Trouble first, then by name; a count by state in the last line.
std::string overview_text(std::vector<OverviewLine> lines, WallTime now, const Output& output);

}  // namespace danectl
