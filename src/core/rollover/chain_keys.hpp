// Which keys the records of a chain name, and which chain a server is given.
#pragma once

#include "core/config/lineage_config.hpp"
#include "core/keys/certificate.hpp"

#include <optional>
#include <vector>

namespace danectl {

// `anchor`: the trust anchor that records of usage 2 name (RFC 7671 section 5.2): the issuing CA, or the root of
// `append_root`. Nothing: the profile names no issuer, or the chain does not have the one it should.
struct ChainKeys {
  KeyId key;
  std::optional<KeyId> anchor;
  bool operator==(const ChainKeys& other) const = default;
};

// REQUIRES: `chain` is as a server gets it (served_chain).
ChainKeys keys_of(const Chain& chain, const LineageConfig& lineage);

// The associations under a profile, in its order; none for the groups of a key that is not there.
std::vector<Association> associations_of(const ChainKeys& keys, const std::vector<Group>& profile);

// Those of an issuer under the lines of usage 2.
std::vector<Association> associations_of_issuer(const KeyId& issuer, const std::vector<Group>& profile);

// With the root of `append_root` at its end, where that signs the last certificate of the chain; else as it is, and
// then check_chain() refuses it.
Chain served_chain(Chain chain, const LineageConfig& lineage);
// As certbot has it.
Chain without_root(Chain chain, const LineageConfig& lineage);

// Whether the chain passes by the record of its own issuer for the host of every owner, names and dates included (RFC
// 7671 section 5.2). True where the profile names no issuer.
bool passes_by_its_issuer(const Chain& chain, const LineageConfig& lineage, WallTime now);

// Whether records that named `before` no longer name the chain: its key or anchor is another under this profile.
bool differ(const ChainKeys& before, const ChainKeys& now, const LineageConfig& lineage);

}  // namespace danectl
