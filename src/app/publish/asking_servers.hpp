// What the live servers present, for promises 2 and 3.
#pragma once

#include "app/publish/sharing.hpp"
#include "core/rollover/publication.hpp"
#include "core/rollover/retirement.hpp"

namespace danectl {

// Probes all of these. An address that this host has no route to is left out; whatever else gives no word about its
// certificates is unknown.
Presented ask_servers(const Workshop& shop, const std::vector<ProbeUrl>& probes);

// Promise 3: a change may switch DANE on when every probe of every lineage on the owner presents a chain that the
// records to be added authenticate. For a lineage without `probe` it is enough that a person named the owner and,
// where names and dates decide, no reload is pending. What begins too early is taken out of the changes, and the error
// (not_yet) names the server.
Status hold_back_what_begins(const Workshop& shop, const Sharing& sharing, std::vector<RRsetChange>& changes);

// Step 8 of a promotion: says which servers do not present the current key of the state, or one of before beside it.
void warn_of_other_keys(const Workshop& shop, const LineageConfig& lineage, const State& state);

}  // namespace danectl
