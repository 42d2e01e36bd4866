// The ledger of an owner: since when, without a break, every authoritative server has had each
// association, and which TTLs caches may still be holding. The hold-down is derived from it.
#pragma once

#include "core/dns/look.hpp"

#include <optional>
#include <vector>

namespace danectl {

struct LedgerEntry {
  Association association;
  Instant visible_since;  // the end of the look that first saw it everywhere, unbroken since
  bool operator==(const LedgerEntry&) const = default;
};

// A TTL that is no longer seen, and the last moment at which it may have been in force: the end of the look that first
// saw others. (Between two looks nobody watched, so the later bound is taken.)
struct TtlSample {
  Seconds ttl{};
  Instant until;
  bool operator==(const TtlSample&) const = default;
};

// A group of records that is no longer seen, and the last moment at which some server may have given one. Caches may
// hold it for a while.
struct GroupSample {
  Group group;
  Seconds ttl{};  // the largest in force then
  Instant until;
  bool operator==(const GroupSample&) const = default;
};

struct OwnerLedger {
  DnsName owner;
  std::vector<DnsName> chain;        // as of the last look that knew it
  std::vector<ZoneServers> zones;    // likewise
  std::vector<Seconds> ttls;         // that the last answers gave for RRset, CNAMEs and denials; sorted, each once
  std::vector<TtlSample> past_ttls;  // that may still count; none dominated by a larger one of a later time
  std::vector<LedgerEntry> visible;  // sorted by association
  std::vector<Group> groups;         // of the usable records in the last answers; sorted, each once
  std::vector<GroupSample> past_groups;
  // What danectl deletes, sorted, until every server is seen without it or it is published anew: slow servers may go on
  // giving it for a while, and it is not visible, since it may go at any moment.
  RRset withdrawn;
  [[nodiscard]] const DnsName& canonical() const { return chain.empty() ? owner : chain.back(); }
  bool operator==(const OwnerLedger&) const = default;
};

// The ledger after a look.
// - Seen everywhere: the entry stays, or starts at the end of the look.
// - A validated answer lacks it: the entry goes.
// - Unknown: the entry stays as it is; none starts.
// - Another set of name servers, zone cut or alias: all entries start anew, and the old NS and CNAME TTLs count as seen
// now.
// - A time in the future (the clock was set back) becomes the time of the look.
OwnerLedger after_look(OwnerLedger before, const OwnerLook& look);

OwnerLedger with_withdrawn(OwnerLedger ledger, const std::vector<Association>& associations);
OwnerLedger with_published(OwnerLedger ledger, const std::vector<Association>& associations);

// Since when caches can have had the association and nothing gone that a client went by instead: `visible_since`, or
// the last moment at which such a record was given, if that is later. A stronger digest hid it, and a weaker one may
// have been all that a client knew (RFC 7671 sections 8 and 9); where all of `ours`, which are relied on together, are
// of SHA-512, any other record may have.
std::optional<Instant> relied_on_since(const OwnerLedger& ledger, const Association& association,
                                       const std::vector<Association>& ours);

std::optional<Instant> visible_since(const OwnerLedger& ledger, const Association& association);

// The largest TTL that counts for a record visible since then (RFC 7671 section 8.1): those seen now, and each past one
// in force no earlier than twice itself before that time, so that no cache can still hold what it was sent with.
Seconds counted_ttl(const OwnerLedger& ledger, const Instant& visible_since);

// max(min_hold, 2 x counted_ttl)
Seconds hold_down(const OwnerLedger& ledger, const Instant& visible_since, Seconds min_hold);

}  // namespace danectl
