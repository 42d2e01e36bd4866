#include "core/rollover/place.hpp"

#include <algorithm>
#include <set>

namespace danectl {
namespace {

RRset sorted(const std::set<Association>& records) {
  return {records.begin(), records.end()};
}

// On every server.
RRset everywhere(const std::vector<Version>& given) {
  if (given.empty()) return {};
  RRset common = standing(given.front());
  for (const Version& version : given) {
    const RRset here = standing(version);
    std::erase_if(common, [&](const Association& record) { return !contains(here, record); });
  }
  return common;
}

// If an RRset stands at the name, resolvers no longer see the wildcard. So the RRset must contain every record of the
// wildcard, records of others too.
RRset given_by_wildcards(const std::vector<Version>& given) {
  std::set<Association> all;
  for (const Version& version : given) {
    if (version.from_wildcard) all.insert(version.records.begin(), version.records.end());
  }
  return sorted(all);
}

}  // namespace

RRset with(RRset rrset, const RRset& more) {
  std::set<Association> all(rrset.begin(), rrset.end());
  all.insert(more.begin(), more.end());
  return sorted(all);
}

RRset without(RRset rrset, const RRset& fewer) {
  std::erase_if(rrset, [&](const Association& record) { return contains(fewer, record); });
  return rrset;
}

RRset known_at(const Place& place) {
  std::set<Association> known;
  for (const LineageOn& lineage : place.lineages) {
    for (const KnownRecord& record : lineage.known) known.insert(record.association);
  }
  return sorted(known);
}

RRset somewhere(const std::vector<Version>& given) {
  std::set<Association> all;
  for (const Version& version : given) all.insert(version.records.begin(), version.records.end());
  return sorted(all);
}

bool any_probes(const Place& place) {
  return std::any_of(place.lineages.begin(), place.lineages.end(),
                     [](const LineageOn& lineage) { return !lineage.probes.empty(); });
}

std::vector<Version> given_versions(const Ledger& ledger) {
  std::vector<Version> versions;
  for (const ServerMemory& memory : ledger.servers) {
    if (memory.left || memory.last.kind != Version::Kind::records) continue;
    const bool known = std::any_of(versions.begin(), versions.end(),
                                   [&](const Version& version) { return same_but_ttl(version, memory.last); });
    if (!known) versions.push_back(memory.last);
  }
  return versions;
}

RRset missing_at(const Place& place) {
  const std::vector<Version> given = given_versions(place.ledger);
  const RRset missing = without(wanted_at(place), everywhere(given));
  return missing.empty() ? missing : with(missing, given_by_wildcards(given));
}

RRset foreign_at(const Place& place) {
  RRset there;
  for (const Version& version : given_versions(place.ledger)) there = with(std::move(there), standing(version));
  return without(std::move(there), with(known_at(place), wanted_at(place)));
}

RRset foreign_of_wildcards(const Place& place) {
  return without(given_by_wildcards(given_versions(place.ledger)), with(known_at(place), wanted_at(place)));
}

RRset wanted_at(const Place& place) {
  std::vector<Wanted> wanted;
  for (const LineageOn& lineage : place.lineages) {
    wanted.insert(wanted.end(), lineage.wanted.begin(), lineage.wanted.end());
  }
  return rrset_of(wanted);
}

}  // namespace danectl
