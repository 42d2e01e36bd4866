#include "core/rollover/wants.hpp"

#include "core/dns/look.hpp"
#include "core/keys/usable.hpp"

#include <algorithm>

namespace danectl {
namespace {

void add(std::vector<Wanted>& wanted, const std::vector<Association>& records, RecordRole role) {
  for (const Association& record : records) wanted.push_back({record, role});
}

}  // namespace

std::vector<Wanted> wanted_by(const ChainsOfLineage& chains, const std::vector<Group>& profile) {
  std::vector<Wanted> wanted;
  if (chains.deployed) add(wanted, associations_of(*chains.deployed, profile), RecordRole::current);
  if (chains.next) {
    ChainKeys next = *chains.next;
    if (!next.anchor && chains.deployed) next.anchor = chains.deployed->anchor;  // the chain will have the same issuers
    add(wanted, associations_of(next, profile), RecordRole::next);
  }
  for (const KeyId& issuer : chains.issuers) add(wanted, associations_of_issuer(issuer, profile), RecordRole::next);
  for (const ChainKeys& candidate : chains.candidates) {
    add(wanted, associations_of(candidate, profile), RecordRole::candidate);
  }
  return wanted;
}

std::vector<Association> records_of(const KnownKey& known) {
  const std::uint8_t usage = known.names == KnownKey::Names::server ? 3 : 2;
  return {association_of(known.key, {usage, 1, 1}), association_of(known.key, {usage, 1, 2})};
}

RRset records_in_the_way(const ChainKeys& keys, const std::vector<Group>& profile, const RRset& rrset) {
  RRset hiding;
  for (const Association& record : rrset) {
    const bool hides_ours =
        std::any_of(profile.begin(), profile.end(), [&](const Group& group) { return hides(record.group, group); });
    if (!usable(record) || !hides_ours) continue;
    const std::vector<Association> ours = associations_of(keys, {record.group});
    if (ours.empty() || !contains(rrset, ours.front())) hiding.push_back(record);
  }
  return hiding;
}

RRset rrset_of(const std::vector<Wanted>& wanted) {
  RRset records;
  for (const Wanted& one : wanted) records.push_back(one.association);
  std::sort(records.begin(), records.end());
  records.erase(std::unique(records.begin(), records.end()), records.end());
  return records;
}

}  // namespace danectl
