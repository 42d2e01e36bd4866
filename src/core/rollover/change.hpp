// Changes of DNS: which records are to be added or deleted at a name, and whether that is allowed now. A change adds
// RRsets to what is held: it is allowed when no chain that is presented, and passes what is there for some sender,
// would fail what comes of it.
#pragma once

#include "core/config/probe_url.hpp"
#include "core/rollover/question.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

// A record of a key or issuer that a lineage has or had, in a form that a profile can have.
struct KnownRecord {
  Association association;
  std::optional<Instant> unwanted_since;
};

// A lineage at a name that one of its owners is, or leads to.
struct LineageOn {
  std::string name;
  std::vector<ChainView> presented;  // with the hosts of those owners
  std::vector<Wanted> wanted;
  std::vector<KnownRecord> known;
  std::vector<ProbeUrl> probes;
  std::string unreadable;  // why none of this is known; empty: it is
};

// What probes of the servers on this name showed.
struct Shown {
  std::vector<ChainView> with_sni;
  std::vector<ChainView> without_sni;  // no sender that checks DANE sees these (RFC 7671 section 3)
  Objections unknown;                  // a probe that could not be asked
  Objections unknown_without_sni;      // a handshake without SNI that failed
  Objections left_out;                 // an address that this host has no route to
};

struct Place {
  DnsName name;  // the end of the aliases: the RRset stands here
  Ledger ledger;
  Objections unanswered;  // what all_answered() says of the owners that lead here
  std::vector<LineageOn> lineages;
  // Whether an alias of one of them leads here: then the name does not tell of every host.
  enum class Owners { are_the_name, some_are_aliases } owners = Owners::are_the_name;
};

struct DnsChange {
  enum class Does { add, remove };
  Does does = Does::add;
  RRset records;  // in the order in which a method sends them that sends one at a time
};

struct ChangeRule {
  enum class Method { all_at_once, one_at_a_time };
  Method method = Method::all_at_once;
  // Blindly: the update has no prerequisite, so an earlier update may be done before it.
  enum class Sends { compare_and_swap, blindly } sends = Sends::compare_and_swap;
  // The record of an issuer may be another host's, and looks the same: it goes where the probes cover every address of
  // the owner's host and the owner is no alias, or by a person's word.
  enum class Issuers { stay, may_go_where_probed, may_go };
  Issuers issuers = Issuers::stay;
  const Shown* shown = nullptr;           // nothing: the probes were not asked yet
  std::optional<DnsChange::Does> only{};  // nothing: additions, and when there are none, deletions
};

struct ChangePlan {
  std::optional<DnsChange> change;  // allowed now, if the probes were asked or need not be
  bool ask_probes = false;          // `change` needs the word of the probes first
  RRset missing;                    // wanted, and not everywhere
  RRset left;                       // published, known and not wanted: retiring
  Objections objections;            // why the rest of these is not changed now
};

// The next change towards what is wanted: additions first; all at once where that is allowed, else record by record.
ChangePlan next_change(const Place& place, const ChangeRule& rule);

// What stands against deleting this one record by itself, the order of changes aside.
Objections against_deleting(const Place& place, const Association& record, const ChangeRule& rule);

// The record is known to no lineage. A person named it, so it counts for no server any more. What was asked for and may
// be done before counts as ever. REQUIRES: the rule has what probes showed.
Objections may_delete_foreign(const Place& place, const Association& record, const ChangeRule& rule);

// Foreign: published, and known to no lineage here. What stands at the name, and what a wildcard gives there. Only a
// person deletes a record of a wildcard, since other names may have it too.
RRset foreign_at(const Place& place);
RRset foreign_of_wildcards(const Place& place);
RRset wanted_at(const Place& place);
// Wanted, and not everywhere; with what a wildcard gives, which an RRset at the name hides.
RRset missing_at(const Place& place);

// The RRsets that may come of a change where servers give these versions now: for the ledger. Of records that are sent
// one at a time any part may be done.
std::vector<RRset> outcomes(const Ledger& ledger, const DnsChange& change, const ChangeRule& rule);

// Whether some sender that checks nothing there now begins to check with this change (promise 3).
bool begins(const Place& place, const DnsChange& change);

// Whether a probe of some lineage tells what the servers of this name present.
bool any_probes(const Place& place);

// What handshakes without SNI showed that would not pass once this addition is made, and which of them failed. They
// keep no first record back, since every DANE sender sends the name (RFC 7671 section 3): it is for who publishes to
// say.
Objections without_sni(const Place& place, const DnsChange& addition, const Shown& shown);

// The versions that the servers of the zone give, each once.
std::vector<Version> given_versions(const Ledger& ledger);

}  // namespace danectl
