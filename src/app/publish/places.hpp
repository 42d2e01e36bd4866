// The names where the RRsets of a lineage stand, with everything that counts there: what servers give, and every
// lineage of this host that is on it, by an owner of its own or by one whose aliases lead there.
#pragma once

#include "app/store/workshop.hpp"
#include "core/rollover/facts.hpp"

#include <vector>

namespace danectl {

// Looks at the owners of all lineages that were not looked at in this call, once: one of which no ledger knows yet may
// lead to the same name. For the first record there (promise 3) no less will do.
Status look_at_the_rest(const Workshop& shop);

// Reads the ledgers of all owners, once a call: they remember where aliases led.
Status load_all_ledgers(const Workshop& shop);

// Whose word lets the records of issuers go.
enum class Asker { unattended, person };

// One for each name where an owner of the lineage ends, with what is to be changed there next. `facts`: the lineage's;
// those of the others are read from their files. REQUIRES: the owners were looked at in this call.
Result<std::vector<PlaceFact>> places_of(const Workshop& shop, const LineageConfig& lineage, const Facts& facts,
                                         Asker asker, std::optional<DnsChange::Does> only = std::nullopt);

// The rule by which the changes of a place are judged.
ChangeRule change_rule(const Workshop& shop, const Place& place, Asker asker);

// The probes of all lineages on a name, each once.
std::vector<ProbeUrl> probes_at(const Place& place);

// The TTL of the RRset at this name: that it has on the authoritative servers, the largest where they differ; else the
// configured one. What a wildcard gives does not stand there.
Seconds ttl_at(const Workshop& shop, const Place& place);

// The closest zone above the end of the aliases; nothing: not known.
std::optional<DnsName> zone_of(const OwnerLook& look);

}  // namespace danectl
