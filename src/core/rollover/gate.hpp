// The gate: may a key's associations be relied on now? Pure; the answer carries all that a person
// needs to understand a "no".
#pragma once

#include "core/rollover/chain_keys.hpp"
#include "core/rollover/ledger.hpp"

#include <string>
#include <vector>

namespace danectl {

enum class KeyStage {
  staged,   // not seen everywhere
  visible,  // everywhere, the hold-down is running
  ready,    // everywhere for the whole hold-down
};
std::string_view to_text(KeyStage stage);

// One association on one owner.
struct Readiness {
  DnsName owner;
  Association association;
  Dnssec dnssec = Dnssec::unknown;  // of the look's answer
  KeyStage stage = KeyStage::staged;
  // Why not everywhere; also set beside stage `visible` or `ready` by time alone when this look could
  // not confirm it. Nothing with a reason here may be relied on now.
  std::vector<std::string> blocked_by;
  bool lacking = false;  // a validated answer is without it: publishing it is the way out
  std::optional<Instant> visible_since;
  Seconds hold_down{};       // meaningful with visible_since
  Milliseconds remaining{};  // of the hold-down; zero when over or not begun

  [[nodiscard]] bool ready() const { return stage == KeyStage::ready && blocked_by.empty(); }
};

// What the hold-down may be left out for.
enum class HoldDown { required, skipped_by_a_person };

struct GateAnswer {
  std::vector<Readiness> each;                                  // owners in order, associations in order of the profile
  [[nodiscard]] bool ready() const;                             // all; false when there is nothing to ask about
  [[nodiscard]] KeyStage stage() const;                         // the least of all
  [[nodiscard]] std::optional<WallTime> visible_since() const;  // the latest of all; nothing while one is not visible
  [[nodiscard]] std::optional<WallTime> ready_at(const Instant& now) const;
};

// What has to be visible for a chain with these keys to be relied on: its associations under the profile, and under
// every other digest of the same usage and selector that some server has now. Of a stronger one a client looks at
// nothing else (RFC 7671 section 9), and a weaker one may be all that it knows (section 8).
std::vector<Association> relied_on(const ChainKeys& keys, const std::vector<Group>& profile,
                                   const std::vector<OwnerLook>& looks);

// A group by which those senders go that know nothing of the profile: of another usage or selector, where the profile
// has SHA-512 alone (RFC 6698 section 6).
std::optional<Group> relied_on_instead(const std::vector<Group>& profile, const std::vector<Group>& published);

// REQUIRES: `ledgers` are those after the `looks`. `now` is the start of the look.
GateAnswer gate(const std::vector<OwnerLedger>& ledgers, const std::vector<OwnerLook>& looks,
                const std::vector<Association>& associations, Seconds min_hold, HoldDown hold_down, const Instant& now);

// The gate for what such a chain relies on. REQUIRES: as gate().
GateAnswer gate_of(const ChainKeys& keys, const std::vector<Group>& profile, const std::vector<OwnerLedger>& ledgers,
                   const std::vector<OwnerLook>& looks, Seconds min_hold, HoldDown hold_down, const Instant& now);

}  // namespace danectl
