// Everything the plan decides from, as observed: files, certbot's lineage, the state, and the last look.
#pragma once

#include "core/keys/certificate.hpp"
#include "core/rollover/gate.hpp"
#include "core/rollover/publication.hpp"
#include "core/rollover/retirement.hpp"
#include "core/rollover/state.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

// What live/NAME leads to. Its key is the current key, whatever the state says.
struct DeployedFact {
  unsigned generation = 0;
  Chain chain;
};

struct CertbotFact {
  Chain chain;  // as a server would get it
  bool reuse_key = false;
};

// A chain for a key that is not deployed yet, with the verdict of step 3 as of the last look.
struct ChainFact {
  Chain chain;
  std::optional<Error> refused;  // nothing: it may be deployed as soon as its key is ready
  bool due = false;              // for renewal
};

struct NextFact {
  KeyId key;
  std::optional<ChainFact> issued;
  GateAnswer gate;  // of its key, and once it is issued of its issuer; empty when DNS was not asked
};

// Its issuer is known once its certificate is there.
ChainKeys keys_of_next(const NextFact& next, const LineageConfig& lineage);

struct CandidateFact {
  ChainKeys keys;
  std::optional<ChainFact> kept;  // nothing: the copy is gone or may not be read
  GateAnswer gate;
};

// Why it is not deployed though there is nothing to wait for; nothing: it waits, or is deployed at once.
std::optional<Error> obstacle(const NextFact& next);
std::optional<Error> obstacle(const CandidateFact& candidate);

struct Facts {
  std::optional<DeployedFact> deployed;
  // Why nothing is deployed, or which file of the deployed generation is missing or does not fit; and what to do.
  std::optional<Error> deployed_trouble;
  std::optional<CertbotFact> certbot;
  std::string certbot_trouble;        // why `certbot` is missing
  std::string certbot_cure;           // and what to do about it
  bool certbot_is_forbidden = false;  // this user may not read it: nothing is known, which is no finding
  bool certbot_is_half_ours = false;  // it is missing since an install of the deployed generation was cut
  std::optional<NextFact> next;
  std::vector<CandidateFact> candidates;  // as in the state, oldest first
  std::vector<RRsetChange> unpublished;   // what the lineage itself wants and some server lacks
  std::vector<PublishedRecord> foreign;   // published, and known to no lineage here
  std::vector<Retirement> retiring;       // as in the state, no server asked
  State state;
};

// What the lineage wants at each of its owners for what is deployed or may be next: all but what is retiring.
std::vector<Association> wanted_associations(const Facts& facts, const LineageConfig& lineage);

}  // namespace danectl
