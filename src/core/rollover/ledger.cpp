#include "core/rollover/ledger.hpp"

#include "core/keys/dane_verify.hpp"
#include "core/keys/usable.hpp"

#include <algorithm>
#include <utility>

namespace danectl {
namespace {

bool is_validated(const ServerAnswer& answer) {
  return answer.kind == ServerAnswer::Kind::validated;
}

std::vector<Seconds> ttls_of(const OwnerLook& look) {
  std::vector<Seconds> ttls;
  for (const ServerAnswer& answer : look.answers) {
    if (is_validated(answer)) ttls.push_back(answer.ttl);
  }
  std::sort(ttls.begin(), ttls.end());
  ttls.erase(std::unique(ttls.begin(), ttls.end()), ttls.end());
  return ttls;
}

bool is_later(const Instant& a, const Instant& b) {
  return a.wall > b.wall || (a.boot_id == b.boot_id && a.since_boot > b.since_boot);
}

// What NTP slews both clocks agree on; more is a step.
constexpr Milliseconds step_tolerance{2000};

// The same time as the clocks of now tell it, when they were stepped since or the host was rebooted: never longer ago
// than really passed. So a clock set back delays but does not block for years, and one set forward stays without effect
// beyond the next reboot, when only the wall clock is left to ask.
Instant as_of(const Instant& time, const Instant& now) {
  const Milliseconds wall = now.wall - time.wall;
  const Milliseconds boot = now.since_boot - time.since_boot;
  const bool agree = time.boot_id == now.boot_id && std::chrono::abs(wall - boot) <= step_tolerance;
  if (agree && !is_later(time, now)) return time;
  return earlier(now, elapsed(time, now));
}

void follow_the_clocks(OwnerLedger& ledger, const Instant& now) {
  for (LedgerEntry& entry : ledger.visible) entry.visible_since = as_of(entry.visible_since, now);
  for (TtlSample& sample : ledger.past_ttls) sample.until = as_of(sample.until, now);
  for (GroupSample& sample : ledger.past_groups) sample.until = as_of(sample.until, now);
}

bool same_server_names(const std::vector<ZoneServers>& a, const std::vector<ZoneServers>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const ZoneServers& x, const ZoneServers& y) {
    return x.apex == y.apex && x.servers == y.servers;
  });
}

bool counts(const TtlSample& sample, const Instant& visible_since) {
  return elapsed(sample.until, visible_since) <= 2 * sample.ttl;
}

// One sample makes another needless when it is as large and in force as late.
void remember(std::vector<TtlSample>& samples, const TtlSample& sample) {
  const auto dominates = [](const TtlSample& a, const TtlSample& b) {
    return a.ttl >= b.ttl && !is_later(b.until, a.until);
  };
  if (std::any_of(samples.begin(), samples.end(), [&](const TtlSample& s) { return dominates(s, sample); })) return;
  std::erase_if(samples, [&](const TtlSample& s) { return dominates(sample, s); });
  samples.push_back(sample);
}

void forget_what_counts_no_more(OwnerLedger& ledger, const Instant& now) {
  std::erase_if(ledger.past_ttls, [&](const TtlSample& sample) {
    if (counts(sample, now)) return false;
    return std::none_of(ledger.visible.begin(), ledger.visible.end(),
                        [&](const LedgerEntry& entry) { return counts(sample, entry.visible_since); });
  });
  std::erase_if(ledger.past_groups,
                [&](const GroupSample& sample) { return elapsed(sample.until, now) > 2 * sample.ttl; });
}

void take_ttls(OwnerLedger& ledger, const OwnerLook& look) {
  std::vector<Seconds> seen = ttls_of(look);
  if (seen.empty()) return;  // nothing was learned: what was known stays
  for (const Seconds ttl : ledger.ttls) {
    if (!std::binary_search(seen.begin(), seen.end(), ttl)) remember(ledger.past_ttls, {ttl, look.ended});
  }
  ledger.ttls = std::move(seen);
}

std::vector<Group> groups_of(const OwnerLook& look) {
  std::vector<Group> groups;
  for (const RRset& rrset : distinct_rrsets(look)) {
    for (const Association& association : rrset) {
      if (usable(association)) groups.push_back(association.group);
    }
  }
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return groups;
}

Seconds largest_ttl(const OwnerLedger& ledger) {
  Seconds largest{0};
  for (const Seconds ttl : ledger.ttls) largest = std::max(largest, ttl);
  for (const TtlSample& sample : ledger.past_ttls) largest = std::max(largest, sample.ttl);
  return largest;
}

// REQUIRES: ledger.ttls are still those of the look before.
void take_groups(OwnerLedger& ledger, const OwnerLook& look) {
  if (ttls_of(look).empty()) return;
  std::vector<Group> seen = groups_of(look);
  for (const Group& group : ledger.groups) {
    if (std::binary_search(seen.begin(), seen.end(), group)) continue;
    std::erase_if(ledger.past_groups, [&](const GroupSample& sample) { return sample.group == group; });
    ledger.past_groups.push_back({group, largest_ttl(ledger), look.ended});
  }
  ledger.groups = std::move(seen);
}

// RFC 7671 section 8.1 counts from when caches can have learned of the records: a cache that still uses the old
// servers, or the old alias, is one that has not.
void take_servers(OwnerLedger& ledger, const OwnerLook& look) {
  if (look.chain.empty() || look.zones.empty()) return;
  const bool known_before = !ledger.chain.empty();
  const bool changed = known_before && (ledger.chain != look.chain || !same_server_names(ledger.zones, look.zones));
  if (changed) {
    for (const ZoneServers& zone : ledger.zones) remember(ledger.past_ttls, {zone.ns_ttl, look.ended});
    for (const Seconds ttl : ledger.ttls) remember(ledger.past_ttls, {ttl, look.ended});
    ledger.visible.clear();
    if (ledger.canonical() != look.canonical()) ledger.withdrawn.clear();  // elsewhere
  }
  std::vector<ZoneServers> zones = look.zones;
  if (known_before && !changed) {
    // A cache may hold the NS RRset with the TTL of before it was lowered.
    for (std::size_t i = 0; i < zones.size(); ++i) zones[i].ns_ttl = std::max(zones[i].ns_ttl, ledger.zones[i].ns_ttl);
  }
  ledger.chain = look.chain;
  ledger.zones = std::move(zones);
}

void take_records(OwnerLedger& ledger, const OwnerLook& look) {
  std::erase_if(ledger.withdrawn, [&](const Association& association) { return absent_everywhere(look, association); });
  std::erase_if(ledger.visible, [&](const LedgerEntry& entry) {
    return sighting(look, entry.association).presence == Presence::lacking;
  });
  for (const ServerAnswer& answer : look.answers) {
    if (!is_validated(answer) || answer.qname != look.canonical()) continue;
    for (const Association& association : answer.records) {
      if (visible_since(ledger, association) || contains(ledger.withdrawn, association)) continue;
      if (sighting(look, association).presence != Presence::everywhere) continue;
      ledger.visible.push_back({association, look.ended});
    }
  }
  std::sort(ledger.visible.begin(), ledger.visible.end(),
            [](const LedgerEntry& a, const LedgerEntry& b) { return a.association < b.association; });
}

}  // namespace

OwnerLedger after_look(OwnerLedger before, const OwnerLook& look) {
  OwnerLedger ledger = std::move(before);
  ledger.owner = look.owner;
  follow_the_clocks(ledger, look.ended);
  take_servers(ledger, look);
  take_groups(ledger, look);
  take_ttls(ledger, look);
  take_records(ledger, look);
  forget_what_counts_no_more(ledger, look.ended);
  return ledger;
}

OwnerLedger with_withdrawn(OwnerLedger ledger, const std::vector<Association>& associations) {
  for (const Association& association : associations) {
    std::erase_if(ledger.visible, [&](const LedgerEntry& entry) { return entry.association == association; });
    if (!contains(ledger.withdrawn, association)) ledger.withdrawn.push_back(association);
  }
  std::sort(ledger.withdrawn.begin(), ledger.withdrawn.end());
  return ledger;
}

OwnerLedger with_published(OwnerLedger ledger, const std::vector<Association>& associations) {
  for (const Association& association : associations) std::erase(ledger.withdrawn, association);
  return ledger;
}

std::optional<Instant> visible_since(const OwnerLedger& ledger, const Association& association) {
  for (const LedgerEntry& entry : ledger.visible) {
    if (entry.association == association) return entry.visible_since;
  }
  return std::nullopt;
}

std::optional<Instant> relied_on_since(const OwnerLedger& ledger, const Association& association,
                                       const std::vector<Association>& ours) {
  std::optional<Instant> since = visible_since(ledger, association);
  if (!since) return since;
  const bool known_to_all =
      std::any_of(ours.begin(), ours.end(), [](const Association& one) { return is_known_to_all(one.group); });
  for (const GroupSample& gone : ledger.past_groups) {
    const bool in_its_place =
        are_digests_of_one(gone.group, association.group) || (!known_to_all && is_known_to_all(gone.group));
    if (in_its_place && is_later(gone.until, *since)) since = gone.until;
  }
  return since;
}

Seconds counted_ttl(const OwnerLedger& ledger, const Instant& visible_since) {
  Seconds largest{0};
  for (const Seconds ttl : ledger.ttls) largest = std::max(largest, ttl);
  for (const TtlSample& sample : ledger.past_ttls) {
    if (counts(sample, visible_since)) largest = std::max(largest, sample.ttl);
  }
  return largest;
}

Seconds hold_down(const OwnerLedger& ledger, const Instant& visible_since, Seconds min_hold) {
  return std::max(min_hold, 2 * counted_ttl(ledger, visible_since));
}

}  // namespace danectl
