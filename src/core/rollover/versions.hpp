// What name servers gave for one name, and until when: the ledger of an owner (owners/OWNER.json). From it follows what
// some sender may hold now (held.hpp).
#pragma once

#include "core/base/since.hpp"
#include "core/dns/look.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

// What one name server gave for a name.
struct Version {
  enum class Kind {
    records,  // a validated RRset; without records: its proven absence
    alias,    // a CNAME: senders go on to `alias`
    unheard,  // what it gave before its first validated answer: no chain passes that
  };
  Kind kind = Kind::records;
  RRset records;  // sorted
  // The records came from a wildcard: nothing stands at the name itself, and an RRset that is put there hides them all.
  bool from_wildcard = false;
  std::optional<DnsName> alias;
  Seconds ttl{};  // the longest that a cache keeps it: of the RRset or CNAME, or of the denial (RFC 2308 section 5)

  bool operator==(const Version&) const = default;  // with another TTL it is another version
};

// Servers are compared without the TTL.
bool same_but_ttl(const Version& one, const Version& other);

// What one address of a name server gave last. It stands until a validated answer of that address says otherwise.
struct ServerMemory {
  DnsName server;
  std::string address;
  Version last;
  Seconds delegation_ttl{};      // the longest that was seen of ServerAnswer::delegation_ttl
  bool by_parent_alone = false;  // as in its last ServerAnswer
  std::optional<Since> left;     // since when it is no server of the zone, or is not asked any more
  bool operator==(const ServerMemory&) const = default;
};

// A version that no server gives any more, and the last moment at which one may have given it: the end of the look that
// found that out.
struct EndedVersion {
  Version version;
  Since until;
  bool operator==(const EndedVersion&) const = default;
};

// An RRset that danectl asked for and that is not seen everywhere yet. It may be put there as long as some server gives
// what was there when it was asked for.
struct AskedFor {
  RRset records;
  Seconds ttl{};
  std::vector<RRset> before;  // what stood there then
  bool operator==(const AskedFor&) const = default;
};

struct Ledger {
  DnsName name;
  std::vector<ServerMemory> servers;
  std::vector<EndedVersion> ended;  // each version once, the oldest first
  std::vector<AskedFor> asked;
  std::optional<Version> resolver;  // the last validated answer of the validating resolver
  bool came_back = false;           // a state older than the files came back, and not every server was heard since
  bool operator==(const Ledger&) const = default;
};

// The ledger after a look that asked for its name and ended then. A server without a validated answer changes nothing.
// `min_hold`: the longest of all lineages, for which time is counted from look to look.
Ledger after_look(Ledger ledger, const OwnerLook& look, const Reading& ended, Seconds min_hold = Seconds{0});

// The ledger with a change noted that is about to be asked for: `records` may come of what is `given` now.
Ledger with_asked(Ledger ledger, RRset records, Seconds ttl, const std::vector<RRset>& given);

// The ledger when a state came back that is older than the files: what it has was given until now, and every server is
// new.
Ledger after_backup(Ledger ledger, const Instant& now);

// The ledger of a name whose aliases lead to an unsigned zone now. Senders that check DANE ignore its answers, so each
// version that a server gave has ended.
Ledger after_loss_of_signatures(Ledger ledger, const Instant& now);

// What stands at the name itself. Where a wildcard gives the records that is nothing.
RRset standing(const Version& version);
// The same, each RRset once, by what servers of the zone gave last. Aliases, and servers that were never heard, give
// none.
std::vector<RRset> standing_rrsets(const Ledger& ledger);

// How long a version counts as held after it was last given: caches that got it in the last moment may have got it from
// a cache that had (RFC 7671 section 8.1: two TTLs).
Seconds hold_down(Seconds ttl, Seconds min_hold);

}  // namespace danectl
