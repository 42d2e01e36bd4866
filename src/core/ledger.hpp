// The ledger of an owner: since when, without a break, every authoritative server has had each
// association, and which TTLs caches may still be holding. The hold-down is derived from it.
#pragma once

#include "core/look.hpp"

#include <optional>
#include <vector>

namespace danectl {

struct LedgerEntry {
  Association association;
  Instant visible_since;  // the end of the look that first saw it everywhere, unbroken since
  bool operator==(const LedgerEntry&) const = default;
};

struct TtlSample {
  Seconds ttl{};
  Instant seen;  // when a look last saw this TTL, or when it was last known to be in force
  bool operator==(const TtlSample&) const = default;
};

struct OwnerLedger {
  DnsName owner;
  std::vector<DnsName> chain;  // as of the last look that knew it
  std::vector<ZoneServers> zones;
  std::vector<Seconds> last_ttls;     // that the last look saw on RRset, CNAMEs and negative answers
  std::vector<TtlSample> ttl_memory;  // none dominated by another with a larger TTL seen later
  std::vector<LedgerEntry> visible;
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

std::optional<Instant> visible_since(const OwnerLedger& ledger, const Association& association);

// The largest TTL that counts for a record visible since then (RFC 7671 section 8.1): seen no earlier
// than twice itself before that time.
Seconds counted_ttl(const OwnerLedger& ledger, const Instant& visible_since);

// max(min_hold, 2 x counted_ttl)
Seconds hold_down(const OwnerLedger& ledger, const Instant& visible_since, Seconds min_hold);

}  // namespace danectl
