// Changes of DNS: which records are to be added or deleted at a name, and whether that is allowed now. A change adds
// RRsets to what is held: it is allowed when no chain that is presented, and passes what is there for some sender,
// would fail what comes of it.
#pragma once

#include "core/rollover/place.hpp"

#include <optional>
#include <vector>

namespace danectl {

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

// The RRsets that may come of a change where servers give these versions now: for the ledger. Of records that are sent
// one at a time any part may be done.
std::vector<RRset> outcomes(const Ledger& ledger, const DnsChange& change, const ChangeRule& rule);

// Whether some sender that checks nothing there now begins to check with this change (promise 3).
bool begins(const Place& place, const DnsChange& change);

// What handshakes without SNI showed that would not pass once this addition is made, and which of them failed. They
// keep no first record back, since every DANE sender sends the name (RFC 7671 section 3): it is for who publishes to
// say.
Objections without_sni(const Place& place, const DnsChange& addition, const Shown& shown);

}  // namespace danectl
