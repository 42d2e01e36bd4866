#include "core/rollover/adoption.hpp"

#include "core/keys/dane_verify.hpp"
#include "core/keys/usable.hpp"
#include "core/rollover/gate.hpp"

#include <algorithm>

namespace danectl {
namespace {

bool same_issuers(const Chain& one, const Chain& other) {
  return std::equal(one.certificates.begin() + 1, one.certificates.end(), other.certificates.begin() + 1,
                    other.certificates.end(),
                    [](const Certificate& a, const Certificate& b) { return a.key == b.key; });
}

bool has_names_of(const Certificate& fresh, const Certificate& deployed) {
  return std::includes(fresh.names.begin(), fresh.names.end(), deployed.names.begin(), deployed.names.end());
}

// Now, or so lately that caches may still have it.
bool has_usage(const OwnerLedger& ledger, std::uint8_t usage) {
  return std::any_of(ledger.groups.begin(), ledger.groups.end(),
                     [&](const Group& group) { return group.usage == usage; }) ||
         std::any_of(ledger.past_groups.begin(), ledger.past_groups.end(),
                     [&](const GroupSample& sample) { return sample.group.usage == usage; });
}

bool matches_no_less(const Chain& fresh, const Chain& deployed, const OwnerLedger& ledger, WallTime now) {
  RRset published;
  for (const LedgerEntry& entry : ledger.visible) published.push_back(entry.association);
  const auto parts = parse_owner(ledger.owner);
  const std::vector<std::string> names{parts ? parts->host.text() : std::string()};
  auto matches = dane_verify_groups(fresh, published, names, now);
  for (const auto& [group, match] : dane_verify_groups(deployed, published, names, now)) {
    if (match && !matches.at(group)) return false;
  }
  return true;
}

bool is_ready(const OwnerLedger& ledger, const Association& association, const std::vector<Association>& ours,
              Seconds min_hold, const Instant& now) {
  const auto since = relied_on_since(ledger, association, ours);
  return since && elapsed(*since, now) >= hold_down(ledger, *since, min_hold);
}

// Where senders go by records that the profile does not have: the chain passes by those of them that are ready.
bool passes_instead(const Chain& fresh, const OwnerLedger& ledger, Seconds min_hold, const Instant& now) {
  RRset ready;
  for (const LedgerEntry& entry : ledger.visible) {
    const bool counts = is_known_to_all(entry.association.group);
    if (counts && is_ready(ledger, entry.association, {entry.association}, min_hold, now))
      ready.push_back(entry.association);
  }
  const auto parts = parse_owner(ledger.owner);
  return dane_verify(fresh, ready, {parts ? parts->host.text() : std::string()}, now.wall).ok();
}

}  // namespace

bool may_be_adopted(const Chain& fresh, const Chain& deployed, const LineageConfig& lineage, const State& state,
                    const Instant& now) {
  if (!keeps_what_matches(fresh, deployed, lineage, now.wall)) return false;
  const bool same_key = fresh.leaf().key == deployed.leaf().key;
  const bool in_its_dates = fresh.leaf().not_before <= now.wall && now.wall < fresh.leaf().not_after;
  if (same_key && same_issuers(fresh, deployed) && has_names_of(fresh.leaf(), deployed.leaf()) && in_its_dates) {
    return true;
  }
  const std::vector<Association> wanted = associations_of(keys_of(fresh, lineage), lineage.profile);
  return std::all_of(lineage.tlsa.begin(), lineage.tlsa.end(), [&](const DnsName& owner) {
    const OwnerLedger ledger = ledger_of(state, owner);
    if (ledger.chain.empty()) return same_key;  // never seen: another key might be one that no record names
    const bool at_stake = has_usage(ledger, 2) || (!same_key && has_usage(ledger, 3));
    if (!at_stake) return true;
    if (relied_on_instead(lineage.profile, ledger.groups) && !passes_instead(fresh, ledger, lineage.min_hold, now)) {
      return false;
    }
    return matches_no_less(fresh, deployed, ledger, now.wall) &&
           std::all_of(wanted.begin(), wanted.end(), [&](const Association& association) {
             return is_ready(ledger, association, wanted, lineage.min_hold, now);
           });
  });
}

}  // namespace danectl
