// The one question: does every chain that is presented pass every RRset that is held, for every sender? A deployment
// adds a chain to the first set, a change of DNS adds RRsets to the second. Each answer is the list of what stands
// against the step, its counterexamples; an empty list allows it.
#pragma once

#include "core/rollover/chain_view.hpp"
#include "core/rollover/held.hpp"
#include "core/rollover/wants.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

// What stands against a step.
struct Objection {
  enum class Kind {
    not_asked,        // DNS was not asked in this call
    silent,           // a server, or the resolver, has no validated answer in this look: `server`, `why`
    missing,          // a server does not give `record`
    fails,            // `chain` does not pass `held` for `sender`
    other_key,        // adoption: `chain` has another key or issuer than what is deployed
    would_fail,       // `chain` passes what is there, and would not pass `rrset`, to which an addition leads
    needed,           // the same of a deletion
    differ,           // the servers do not give the same, so nothing is deleted
    following,        // a change is on its way: some servers give what was asked for and others do not
    unreadable,       // what a lineage on the owner presents is not known: `why`
    probe,            // a probe cannot be asked what its server presents: `server`, `why`, `remedy`
    additions_first,  // `record` of a deployed chain is missing: a deletion has to wait until it is published
    ends_wildcard,    // a record here takes the host's addresses away, which a wildcard gives: `why` has the host
    needs_person,     // the record of an issuer may be another host's: only a person lets it go
  };
  Kind kind = Kind::not_asked;
  DnsName owner;
  std::optional<DnsName> alias{};  // `owner` is no owner of the lineage: senders ask there first, for this alias
  std::string server;
  std::string why;
  std::string remedy{};                                         // empty: none is known
  std::string chain;                                            // ChainView::what
  std::optional<std::string> unnamed_host{};                    // that the certificate of `chain` is not for
  std::optional<WallTime> until{};                              // when `chain` is presented no more
  ChainView::Presence presence = ChainView::Presence::may_end;  // of `chain`
  std::optional<HeldVersion> held;
  std::optional<Sender> sender;
  std::optional<Association> record;
  RRset rrset;
  Dnssec dnssec = Dnssec::unknown;  // of a resolver that is silent: bogus and insecure answers are no validated ones
};
using Objections = std::vector<Objection>;

// What is known of DNS: the ledgers as of these looks.
struct Seen {
  const Ledgers& ledgers;
  const std::vector<OwnerLook>& looks;  // empty: DNS was not asked
  Instant now;                          // the start of the look
  Caches caches = Caches::count;
};

// Whether every server of the owner, and the resolver, gave a validated answer in this look.
Objections all_answered(const Seen& seen, const DnsName& owner);

// Whether a first record at the owner leaves its host the addresses that it has: below a host that exists only by a
// wildcard it would not (RFC 4592 section 2.2.2).
Objections may_begin_below(const Seen& seen, const DnsName& owner);

// A lineage as far as a deployment is concerned.
struct DeployRule {
  std::vector<DnsName> owners;
  std::vector<Group> profile;
  Seconds min_hold{};
};

// `chain` without hosts and senders: those are the lineage's at each owner. A sender that knows every digest has to
// find a record that matches. Where a base domain is an alias, the chain also has to pass what senders find first.
// `dates`: now.
Objections may_deploy(const Seen& seen, const DeployRule& rule, const ChainView& chain, const Dates& dates);

// Where a base domain is an alias: an RRset at the expanded owner that a server gives, and that the chain does not
// pass. Senders look there first. Nothing: there is none.
std::optional<Objection> fails_where_alias_leads(const Seen& seen, const DeployRule& rule, const ChainView& chain,
                                                 const Dates& dates);
// The first such objection among these; nullptr: there is none.
const Objection* given_where_alias_leads(const Objections& objections);

// Exception (a) of promise 1. No look is needed: by the ledger no sender that passes the deployed chain fails the fresh
// one, which has the same key (or, where the profile names issuers alone, the same issuers). `now`: for what is held,
// and no later than the begin of a look. `today`: for the certificate's dates, one may be issued while a look runs.
Objections may_adopt(const Ledgers& ledgers, const DeployRule& rule, const Chain& fresh, const Chain& deployed,
                     const Instant& now, WallTime today);

// --- when a chain may be deployed

enum class KeyStage {
  staged,   // some server gives, or may yet give, an RRset by which the chain fails
  visible,  // no server does; caches may hold one
  ready,    // it may be deployed
};
std::string_view to_text(KeyStage stage);

struct Readiness {
  KeyStage stage = KeyStage::staged;
  Objections objections;
  std::optional<WallTime> visible_since;  // the end of the last look that ended a version by which the chain fails
  std::optional<WallTime> ready_at;       // when caches have let go of the last such version
  Seconds hold_down{};                    // of that version; zero: none is held
  Milliseconds remaining{};               // of its hold-down
  [[nodiscard]] bool ready() const { return stage == KeyStage::ready; }
};

// The chain's own records.
struct OwnRecords {
  RRset needed;      // every server must give these now, at each owner
  RRset explaining;  // if one of these is missing, that explains why the chain fails; it is no condition
};
Readiness readiness(const Seen& seen, const DeployRule& rule, const ChainView& chain, const OwnRecords& own,
                    const Dates& dates);

// Whether neither time nor DNS nor a reload mends what stands against a step.
bool needs_a_person(const Objections& objections);

}  // namespace danectl
