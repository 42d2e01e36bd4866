// The records at a name that are published, known here and wanted by nobody: why is each not deleted yet? Caches do not
// matter: a deletion waits for no hold-down, since a cache that holds the record longer does no harm.
#pragma once

#include "core/rollover/facts.hpp"

#include <vector>

namespace danectl {

// One for each of `plan.left`, in its order. `rule` is that of the plan.
std::vector<RetiringFact> retiring_at(const Place& place, const ChangePlan& plan, const ChangeRule& rule);

// Whether danectl asked for an RRset without the record, and not every name server gives that yet.
bool is_going(const Ledger& ledger, const Association& record);

}  // namespace danectl
