// What danectl remembers of a lineage between calls: state_dir/lineages/NAME.json. It holds no secret, and it never
// overrules the files: which key is served is what live/NAME says.
#pragma once

#include "core/rollover/chain_keys.hpp"
#include "core/rollover/ledger.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

struct CurrentKey {
  KeyId key;
  unsigned generation = 0;
  std::string fingerprint;  // of the deployed certificate
  WallTime not_after{};
  Instant since;  // of the key; a renewal with the same key does not change it
  std::optional<KeyId> anchor{};
  [[nodiscard]] ChainKeys keys() const { return {key, anchor}; }
  bool operator==(const CurrentKey&) const = default;
};

struct NextKey {
  KeyId key;
  Instant staged_at;
  std::optional<KeyId> anchor{};  // once its certificate is there
  [[nodiscard]] ChainKeys keys() const { return {key, anchor}; }
  bool operator==(const NextKey&) const = default;
};

// A foreign key or a new issuer that certbot brought; key and chain are in the folder `copy` below candidates/NAME.
struct CandidateKey {
  KeyId key;
  std::string fingerprint;
  WallTime not_before{};
  WallTime not_after{};
  Instant since;
  std::optional<KeyId> anchor{};
  std::string copy{};
  [[nodiscard]] ChainKeys keys() const { return {key, anchor}; }
  bool operator==(const CandidateKey&) const = default;
};

// Whether a server may have been given the key of a record.
enum class Served { perhaps, never };

struct RetiringRecord {
  DnsName owner;
  Association association;
  Instant since;  // it stopped being wanted
  Served served = Served::perhaps;
  std::optional<Instant> reloaded_at;  // the first reload after `since` that succeeded
  std::optional<KeyId> key{};          // that it names; nothing in the states of 0.1.0
  bool decided = false;                // a person let it go when nothing held it: its time is over, come what may
  bool operator==(const RetiringRecord&) const = default;
};

// What must still be done so that the servers use what is deployed.
struct Pending {
  std::optional<Instant> reload_since;         // the `reload` commands
  std::optional<Instant> certbot_hooks_since;  // certbot's deploy hooks, after an install that certbot did not make
  std::optional<Instant> stage_since;          // the key after a promotion, which belongs to it
  bool operator==(const Pending&) const = default;
};

// How often the CA was asked for a certificate for the next key and gave none that may be deployed.
struct Refusals {
  unsigned count = 0;
  Instant last;
  bool operator==(const Refusals&) const = default;
};

struct State {
  std::string name;
  std::optional<CurrentKey> current;
  std::optional<NextKey> next;
  std::vector<CandidateKey> candidates;  // oldest first
  std::vector<KeyId> issuers;            // of the certificates that `issuers` had: their records are wanted
  std::vector<RetiringRecord> retiring;
  std::vector<std::string> past_keys;     // SHA-256 of keys that were current, or were passed over by a promotion
  std::vector<std::string> past_anchors;  // SHA-256 of the anchors that deployed chains have had, the present one too
  Pending pending;
  std::optional<Refusals> ca_refusals;
  std::string hook_error;            // of the last deploy hook; empty: none
  std::string publish_error;         // of the last try to publish; empty: it succeeded
  std::vector<OwnerLedger> ledgers;  // sorted by owner
  bool operator==(const State&) const = default;
};

// The ledger of an owner; one that knows nothing when there is none.
OwnerLedger ledger_of(const State& state, const DnsName& owner);

// The state with the ledgers as they are after these looks; those of owners that are no longer the lineage's go. A
// record that danectl deleted is no longer retiring once no server has it.
State with_looks(State state, const std::vector<OwnerLook>& looks);

// The state after danectl deleted associations at a canonical name, or published them: for every owner that leads
// there.
State with_withdrawn(State state, const DnsName& canonical, const std::vector<Association>& associations);
State with_published(State state, const DnsName& canonical, const std::vector<Association>& associations);

// The state where danectl changes nothing at the owner: what it began to delete there, by another method, and every
// server has still, is there again, and its hold-down begins with the next look.
State with_given_back(State state, const OwnerLook& look);

bool was_current(const State& state, const KeyId& key);
bool was_anchor(const State& state, const KeyId& key);

// Those whose records are kept published ahead of use: of the `issuers` of the configuration, and, where some of them
// could not be read, what is known of before.
std::vector<KeyId> further_issuers(const LineageConfig& lineage, const State& state);

// Those of the deployed chain. Where it is without the root that `append_root` names since, its anchor is the one it
// was deployed with.
ChainKeys keys_of_deployed(const Chain& chain, const LineageConfig& lineage, const State& state);

}  // namespace danectl
