// What `--dry-run` showed, against what the same verb did then.
#pragma once

#include "fakes/random_dns.hpp"

#include <string>
#include <vector>

namespace danectl {

// The changes that `publish --dry-run` shows, one for each owner and for what it does there.
std::vector<RandomDns::Change> shown_changes(const std::string& output);

// How what was sent began otherwise than was shown; empty: as shown. Of a change that failed in the middle the
// beginning is enough. `may_hold_back`: nothing was sent, and a reason for that came up only in the call, such as what
// probes showed.
std::string differs(const std::vector<RandomDns::Change>& shown, const std::vector<RandomDns::Change>& sent,
                    bool may_hold_back);

// "WHAT: WHY" of the step that `--dry-run` shows for a lineage, "WHAT at TIME: WHY" where it waits for a time; and
// "WHAT: WHY" of the first step that a verbose call names.
std::string shown_step(const std::string& output, const std::string& lineage);
std::string first_step(const std::string& messages, const std::string& lineage);
bool is_same_step(const std::string& shown, const std::string& did);

}  // namespace danectl
