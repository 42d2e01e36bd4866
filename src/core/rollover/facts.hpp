// Everything the plan decides from, as observed: files, certbot's lineage, the state, and the last look.
#pragma once

#include "core/certbot/renewal_rule.hpp"
#include "core/keys/certificate.hpp"
#include "core/rollover/change.hpp"
#include "core/rollover/state.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

// A generation on disk. That which live/NAME leads to is deployed: its key is the current key, whatever the state says.
struct DeployedFact {
  unsigned generation = 0;
  Chain chain;
};

struct CertbotFact {
  Chain chain;  // as a server would get it
  bool reuse_key = false;
  bool conf_fits_key = true;             // certbot refuses to reuse a key of another type than its conf says
  std::optional<Error> against_reuse{};  // what in cli.ini keeps certbot from going on with the key
  RenewalRule renewal{};
};

// A chain to come.
struct ChainFact {
  Chain chain;
  std::optional<Error> refused;  // why it may never be deployed, whatever DNS says; nothing: it may
  bool due = false;              // for renewal
};

struct NextFact {
  KeyId key;
  std::optional<ChainFact> issued;
  Readiness way{};  // of its chain, or of the one that would come of it
};

// Its issuer is known once its certificate is there.
ChainKeys keys_of_next(const NextFact& next, const LineageConfig& lineage);

struct CandidateFact {
  ChainKeys keys;
  std::optional<ChainFact> kept;  // nothing: the copy is gone or may not be read
  Readiness way{};
};

// A record that is published, known here and wanted by nobody.
struct RetiringFact {
  Association record;
  std::string why;               // why it is not deleted yet; or why it may be
  std::optional<WallTime> when;  // when time may mend that
  std::optional<Instant> since;  // when the last chain that wanted it was replaced or dropped
  enum class Verdict {
    due,
    ask_servers,  // due if no probe shows a chain that needs it
    going,        // it is deleted, and not every name server has followed yet
    held,
  } verdict = Verdict::held;
  enum class MendedBy { time_or_dns, person } mended_by = MendedBy::time_or_dns;  // what holds it
};

// A name where the RRset of one or more owners of the lineage stands.
struct PlaceFact {
  Place place;
  std::vector<DnsName> owners;  // of the lineage, which are the name or lead to it
  std::optional<DnsName> zone;  // nothing: not known
  Seconds ttl{};                // of the RRset; the configured one where there is none
  ChangePlan plan;
  RRset foreign;
  RRset foreign_of_wildcards;
  std::vector<RetiringFact> retiring;
};

struct Facts {
  std::optional<DeployedFact> deployed;
  // Why nothing is deployed, or which file of the deployed generation is missing or does not fit; and what to do.
  std::optional<Error> deployed_trouble;
  std::vector<unsigned> generations;    // on disk, the oldest first
  std::vector<DeployedFact> presented;  // deployed before, and perhaps presented still
  std::string presented_trouble;        // why the chain of one of them is not known; empty: all are
  std::optional<CertbotFact> certbot;
  std::string certbot_trouble;           // why `certbot` is missing
  std::string certbot_cure;              // and what to do about it
  bool certbot_is_forbidden = false;     // this user may not read it: nothing is known, which is no finding
  bool certbot_is_half_ours = false;     // it is missing since an install of the deployed generation was cut
  std::optional<Error> certbot_program;  // why certbot cannot be started; nothing: it can, or no key is staged here
  Objections against_adoption;           // of certbot's chain, where it is not the deployed one
  std::optional<NextFact> next;
  bool next_is_deployed = false;          // next/NAME holds the deployed key: no next key, but a copy to be removed
  std::vector<CandidateFact> candidates;  // as in the state, the oldest first
  std::vector<PlaceFact> places;          // empty: DNS was not asked
  // The deployed chain fails at an expanded owner (fails_where_alias_leads()).
  std::optional<Objection> fails_at_alias;
  State state;
};

// Why a chain is never deployed, whatever DNS says; nothing: it waits, or is deployed at once.
std::optional<Error> obstacle(const NextFact& next);
std::optional<Error> obstacle(const CandidateFact& candidate);

// Whether some server lacks a record that is wanted.
bool any_missing(const Facts& facts);

// What the lineage has deployed and what may be deployed next.
ChainsOfLineage chains_of(const Facts& facts, const LineageConfig& lineage);

// What the lineage wants at each of its owners.
std::vector<Association> wanted_associations(const Facts& facts, const LineageConfig& lineage);

// The lineage at a name, for senders of these hosts.
LineageOn lineage_on(const Facts& facts, const LineageConfig& lineage, const std::vector<std::string>& hosts,
                     const Instant& now);

// What a deployment for the lineage is asked about.
DeployRule deploy_rule(const LineageConfig& lineage);

}  // namespace danectl
