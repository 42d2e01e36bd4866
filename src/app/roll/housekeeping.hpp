// What no step needs any more goes at the end of a call, when the servers have loaded what is new.
#pragma once

#include "app/store/workshop.hpp"
#include "core/rollover/facts.hpp"

namespace danectl {

// Removes generations that nobody may present and no rollback wants, the copies of candidates that are none any more,
// and the copies of a next key that is deployed. What cannot be removed is warned of: all else has been done.
// REQUIRES: the state is that of the files.
void keep_house(const Workshop& shop, const LineageConfig& lineage, const Facts& facts);

// Removes the copies of the next key. certbot's goes first: without next/NAME nobody would know that it is idle.
Status remove_next(Files& files, const Paths& paths, const std::string& name);

}  // namespace danectl
