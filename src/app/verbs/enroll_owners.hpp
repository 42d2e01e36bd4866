// The owners of a lineage that is to be enrolled: those that a person named, and those that host and port of its probes
// give.
#pragma once

#include "app/store/workshop.hpp"

namespace danectl {

// Adds the owners of `probe` to `tlsa`. Where the host of a probe is an alias, senders use the records below the name
// where it leads, and send that name (RFC 7672 sections 2.2.3 and 8.1): then owner and probe are of that name, unless a
// person named the owner below the alias. Where senders do not come to what a person named, or do not ask it first, a
// warning says so. not_yet where it is not known whether the host of a probe is an alias: an owner is never guessed.
// `file`: where a person corrects an owner later.
Status find_owners(const Workshop& shop, LineageConfig& lineage, const std::string& file);

}  // namespace danectl
