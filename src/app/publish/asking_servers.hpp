// What the live servers present, for promises 2 and 3.
#pragma once

#include "app/publish/places.hpp"

#include <set>
#include <string>

namespace danectl {

// What the servers of all lineages on a name present. An address that this host has no route to is left out; whatever
// else gives no word about its certificates is an objection.
Shown ask_servers(const Workshop& shop, const Place& place);

// Why a first record is kept back (promise 3): not_yet, and what to do.
Error not_begun(const Workshop& shop, const Place& place, const Objections& objections);

// The remedies of these objections, each once.
std::set<std::string> remedies_of(const Objections& objections);

// The end of a promotion: says which servers do not present the current key of the state, or one of before beside it.
// After a reload they have five seconds for it.
void warn_of_other_keys(const Workshop& shop, const LineageConfig& lineage, const State& state);

}  // namespace danectl
