// What verbs that change lineages have in common: one lock, one look at all owners, then each lineage by itself.
#pragma once

#include "app/store/workshop.hpp"

#include <functional>
#include <span>

namespace danectl {

using LineageStep = std::function<Status(const LineageConfig&, const Look&)>;

// A dry run neither takes the lock nor makes a folder: any user may do it who may read.
enum class Changes { made, only_shown };

// Who says that no look at DNS was possible: what was seen of each owner says so too.
enum class NoLook { warned_of, left_to_caller };

// What one lineage lacks keeps no other from being done. The look is at all owners. Returns the worst exit code.
int for_each_lineage(const Workshop& shop, std::span<const LineageConfig> lineages, const LineageStep& step,
                     Changes changes = Changes::made, NoLook no_look = NoLook::warned_of);
// `lineages` as choose_lineages gave them; its error ends the call with nothing touched.
int for_each_lineage(const Workshop& shop, const Result<std::vector<LineageConfig>>& lineages, const LineageStep& step,
                     Changes changes = Changes::made, NoLook no_look = NoLook::warned_of);

// `lineages` for the options that want a NAME: ErrorKind::invalid when `names` is empty.
Result<std::vector<LineageConfig>> choose_named(const Workshop& shop, const std::vector<std::string>& names,
                                                const std::string& option);

}  // namespace danectl
