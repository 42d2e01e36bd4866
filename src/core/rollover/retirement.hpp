// May a retiring record be deleted? (Promise 2: not while a server may still present the key it matches.) Pure.
#pragma once

#include "core/keys/certificate.hpp"
#include "core/rollover/gate.hpp"
#include "core/rollover/wanted.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

// What the probes of all lineages on an owner were shown.
struct Presented {
  std::vector<Chain> chains;
  std::vector<std::string> unknown;  // one phrase for each server that could not be asked
};

struct Retirement {
  enum class Verdict {
    gone,         // no server has it any more: forget it
    going,        // danectl has deleted it, and a server is slow to follow
    due,          // delete it
    ask_servers,  // due if no probe presents it
    waiting,      // for time: `when`; or for a person
    held,         // its time is over, but `why`
  };
  RetiringRecord record;
  Verdict verdict = Verdict::waiting;
  std::string why;
  std::optional<WallTime> when;
  bool in_its_time = true;  // by reload and retire_after a server may still present its key
};

// Who asks. `retire NAME` by a person needs neither reload command nor probe; `--now` skips `retire_after`, and nothing
// else.
enum class RetireRule { unattended, by_a_person, now_by_a_person };

struct RetirementInput {
  const LineageConfig& lineage;
  const State& state;
  std::vector<LineageWants> sharing;  // every lineage on these owners, this one too
  const std::vector<OwnerLook>& looks;
  RetireRule rule = RetireRule::unattended;
  const Presented* presented = nullptr;  // nothing: not asked yet
  Instant now;
};

// One for each retiring record of the state, in its order.
std::vector<Retirement> retirements(const RetirementInput& input);

// The same question for a record that no state knows: deleted only by a person who names it.
Retirement foreign_retirement(const RetirementInput& input, const DnsName& owner, const Association& association);

// Whether a handshake with this chain shows the key or certificate of the association.
bool shows(const Chain& chain, const Association& association, WallTime now);

}  // namespace danectl
