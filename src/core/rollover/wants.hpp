// What is wanted at an owner, and what is known there: of what a lineage has deployed and of what may be deployed next.
#pragma once

#include "core/records/records_text.hpp"
#include "core/rollover/chain_keys.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace danectl {

// A key or an issuer that a lineage has or had.
struct KnownKey {
  enum class Names { server, issuer };
  KeyId key;
  Names names = Names::server;
  enum class Deployed { never, once } deployed = Deployed::never;
  std::optional<Instant> unwanted_since;  // when the last chain that wanted its records was replaced or dropped
  bool operator==(const KnownKey&) const = default;
};

// What a lineage has deployed and what may be deployed next, by the keys that records name.
struct ChainsOfLineage {
  std::optional<ChainKeys> deployed;
  std::optional<ChainKeys> next;      // its issuer is known once its certificate is there
  std::vector<ChainKeys> candidates;  // the oldest first
  std::vector<KeyId> issuers;         // of `issuers` in the configuration: their records are published ahead of use
};

struct Wanted {
  Association association;
  RecordRole role;
};

// Every line of the profile for each of them, in the order of the roles; a record may be there for several reasons.
std::vector<Wanted> wanted_by(const ChainsOfLineage& chains, const std::vector<Group>& profile);

// The records that a profile can have of this key or issuer: those alone are taken for a lineage's own.
std::vector<Association> records_of(const KnownKey& known);

// A stronger digest hides the records of these keys (RFC 7671 section 9): the records of the RRset with such a digest,
// for a usage and selector of the keys, where the keys have no record with that digest.
RRset records_in_the_way(const ChainKeys& keys, const std::vector<Group>& profile, const RRset& rrset);

// The records, sorted.
RRset rrset_of(const std::vector<Wanted>& wanted);

}  // namespace danectl
