// What danectl remembers of a lineage between calls: state_dir/lineages/NAME.json. It holds no secret, and it never
// overrules the files: the key that is served is the one that live/NAME leads to.
#pragma once

#include "core/base/since.hpp"
#include "core/rollover/chain_keys.hpp"
#include "core/rollover/wants.hpp"

#include <optional>
#include <string>
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

// A generation whose chain some server may present.
struct PresentedGeneration {
  unsigned number = 0;
  // Noted before live/NAME is switched to it: until the link was seen to lead there it may never have been deployed.
  enum class Seen { not_yet, live } seen = Seen::not_yet;
  // When a reload succeeded for the first time after another generation had replaced this one.
  std::optional<Since> reloaded_at;
  // A person said (`retire NAME`) that no server presents it: the word for a lineage with neither `reload` nor `probe`.
  enum class Word { missing, given } word = Word::missing;
  // Without a `reload` command the deployment itself counts as the reload, which tells nothing of the servers.
  enum class ReloadedBy { nothing, command } reloaded_by = ReloadedBy::nothing;
  bool operator==(const PresentedGeneration&) const = default;
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

// What must still be done so that the servers use what is deployed.
struct Pending {
  std::optional<Instant> reload_since;         // the `reload` commands
  std::optional<Instant> certbot_hooks_since;  // certbot's deploy hooks, after an install that certbot did not make
  std::optional<Instant> stage_since;          // the key after a promotion, which belongs to it
  std::optional<Instant> order_since;          // to find out how an order for the next key ended
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
  std::vector<DnsName> owners;  // `tlsa` as of the last call
  std::optional<CurrentKey> current;
  std::vector<PresentedGeneration> presented;  // the oldest first; the deployed one among them
  std::optional<NextKey> next;
  std::vector<CandidateKey> candidates;  // the oldest first
  std::vector<KeyId> issuers;            // of the certificates that `issuers` had: their records are wanted
  std::vector<KnownKey> known;           // all that the lineage has or had
  Pending pending;
  std::optional<Refusals> ca_refusals;
  std::string hook_error;     // of the last deploy hook; empty: none
  std::string publish_error;  // of the last try to publish; empty: it succeeded
  bool operator==(const State&) const = default;
};

// Whether the key was deployed before, and is not now.
bool was_current(const State& state, const KeyId& key);

// Those whose records are kept published ahead of use: of the `issuers` of the configuration, and, where some of them
// could not be read, those that are known from before.
std::vector<KeyId> further_issuers(const LineageConfig& lineage, const State& state);

// Those of the deployed chain. Where it is without the root that `append_root` names since, its anchor is the one it
// was deployed with.
ChainKeys keys_of_deployed(const Chain& chain, const LineageConfig& lineage, const State& state);

// The generations that some server may present at this time. The deployed generation is presented. An earlier one is
// presented until a reload succeeded after its replacement, and `retire_after` has passed since. If no `reload` command
// was run then, and there is no `probe`, a person must also say that the servers have loaded what is deployed.
std::vector<PresentedGeneration> presented_now(const State& state, const LineageConfig& lineage, const Instant& now);

// Until when this generation counts as presented; nothing: not by time alone.
std::optional<WallTime> presented_until(const PresentedGeneration& generation, const LineageConfig& lineage,
                                        const Instant& now);

// The state as of this reading, which is that of a look: `retire_after` is counted from look to look until it is over.
State counted(State state, const LineageConfig& lineage, const Reading& reading);

// The state after a reload that succeeded.
State with_reloaded(State state, const Reading& now, PresentedGeneration::ReloadedBy by);

// What a person says of the chains before: nothing, that no server presents them (`retire NAME`), or besides that
// retire_after is over (`--now`). A chain after which no reload has succeeded stays presented.
enum class RetireRule { unattended, by_a_person, now_by_a_person };
State with_word(State state, RetireRule rule);

}  // namespace danectl
