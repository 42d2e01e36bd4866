// `danectl records [NAME...]`: the complete wanted RRset of each owner, or of each name given by --owner. Asks DNS for
// the TTL it has; writes nothing.
#pragma once

#include "app/verbs/verb.hpp"
#include "core/records/records_text.hpp"

#include <optional>

namespace danectl {

struct RecordsOptions {
  std::vector<std::string> names;
  std::vector<DnsName> owners;  // of any form; not together with names
  RecordFormat format = RecordFormat::zone;
  std::optional<RecordRole> only;
};

int records(const RecordsOptions& options, const Workshop& shop);

std::unique_ptr<Verb> records_verb();

// The wanted RRsets of the owners of these lineages, with the records of every enrolled lineage that shares one.
Result<std::vector<WantedRRset>> wanted_of(const Workshop& shop, const std::vector<LineageConfig>& lineages,
                                           const Look& look);

// Says which first records are kept back, and why.
void warn_of_held(const Workshop& shop, const std::vector<WantedRRset>& wanted);

// Notes what is shown to a person, where the method is "print": from then on it counts as asked for. REQUIRES: the
// store's lock is held.
Status note_as_asked(const Workshop& shop, const std::vector<WantedRRset>& shown);

}  // namespace danectl
