#include "core/rollover/gate.hpp"

#include "core/keys/dane_verify.hpp"
#include "core/keys/usable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

// A record that makes clients overlook this one: stronger, and not of a key that we ask about.
const Association* hiding(const RRset& rrset, const Association& association, const std::vector<Association>& ours) {
  for (const Association& record : rrset) {
    if (!usable(record) || !hides(record.group, association.group)) continue;
    const bool own = std::any_of(ours.begin(), ours.end(), [&](const Association& one) {
      return one.group == record.group && contains(rrset, one);
    });
    if (!own) return &record;
  }
  return nullptr;
}

Readiness one(const OwnerLedger& ledger, const OwnerLook& look, const Association& association,
              const std::vector<Association>& ours, Seconds min_hold, HoldDown hold_down_rule, const Instant& now) {
  Readiness readiness{.owner = look.owner, .association = association, .dnssec = look.dnssec};
  const Sighting seen = sighting(look, association);
  readiness.lacking = seen.presence == Presence::lacking;
  readiness.blocked_by = seen.reasons;
  for (const RRset& rrset : distinct_rrsets(look)) {
    const Association* stronger = hiding(rrset, association, ours);
    if (stronger == nullptr) continue;
    readiness.blocked_by.push_back(
        fmt::format("{} hides it, the stronger digest counts alone (RFC 7671 section 9): delete it, or put \"{}\" into "
                    "the profile",
                    stronger->text(), stronger->group.text()));
    break;
  }
  if (contains(ledger.withdrawn, association)) {
    readiness.lacking = true;
    readiness.blocked_by.emplace_back(
        "danectl has deleted it, or tried to: what servers still give may go at any moment");
  }
  readiness.visible_since = relied_on_since(ledger, association, ours);
  if (!readiness.visible_since) return readiness;

  readiness.hold_down = hold_down(ledger, *readiness.visible_since, min_hold);
  readiness.remaining = std::max(Milliseconds{0}, readiness.hold_down - elapsed(*readiness.visible_since, now));
  const bool over = readiness.remaining == Milliseconds{0} || hold_down_rule == HoldDown::skipped_by_a_person;
  readiness.stage = over ? KeyStage::ready : KeyStage::visible;

  // The clock is that of the authoritative servers (RFC 6698 appendix A.4); a resolver that still answers without the
  // record shows that some caches do too, whatever the clock says.
  const RRset& cached = look.resolver_records;
  if (hold_down_rule == HoldDown::required && look.dnssec == Dnssec::secure &&
      (!contains(cached, association) || hiding(cached, association, ours) != nullptr)) {
    readiness.blocked_by.emplace_back(
        contains(cached, association)
            ? "the resolver of this host still has a stronger digest in its cache that hides it"
            : "the resolver of this host still answers from its cache, without it");
  }
  return readiness;
}

}  // namespace

std::string_view to_text(KeyStage stage) {
  switch (stage) {
    case KeyStage::staged:
      return "staged";
    case KeyStage::visible:
      return "visible";
    case KeyStage::ready:
      break;
  }
  return "ready";
}

bool GateAnswer::ready() const {
  return !each.empty() && std::all_of(each.begin(), each.end(), [](const Readiness& r) { return r.ready(); });
}

KeyStage GateAnswer::stage() const {
  if (each.empty()) return KeyStage::staged;
  return std::min_element(each.begin(), each.end(),
                          [](const Readiness& a, const Readiness& b) { return a.stage < b.stage; })
      ->stage;
}

std::optional<WallTime> GateAnswer::visible_since() const {
  std::optional<WallTime> latest;
  for (const Readiness& readiness : each) {
    if (!readiness.visible_since) return std::nullopt;
    if (!latest || readiness.visible_since->wall > *latest) latest = readiness.visible_since->wall;
  }
  return latest;
}

std::optional<WallTime> GateAnswer::ready_at(const Instant& now) const {
  std::optional<WallTime> latest;
  for (const Readiness& readiness : each) {
    if (!readiness.visible_since) return std::nullopt;
    // The later of both clocks' word: the first is the end of a look, `now` the start of one.
    WallTime at = readiness.visible_since->wall + readiness.hold_down;
    if (readiness.remaining > Milliseconds{0}) at = std::max(at, now.wall + readiness.remaining);
    if (!latest || at > *latest) latest = at;
  }
  return latest;
}

std::vector<Association> relied_on(const ChainKeys& keys, const std::vector<Group>& profile,
                                   const std::vector<OwnerLook>& looks) {
  std::vector<Group> groups = profile;
  for (const OwnerLook& look : looks) {
    for (const RRset& rrset : distinct_rrsets(look)) {
      for (const Association& record : rrset) {
        const bool beside_one = usable(record) && std::any_of(profile.begin(), profile.end(), [&](const Group& group) {
                                  return are_digests_of_one(record.group, group);
                                });
        if (beside_one && std::find(groups.begin(), groups.end(), record.group) == groups.end()) {
          groups.push_back(record.group);
        }
      }
    }
  }
  return associations_of(keys, groups);
}

std::optional<Group> relied_on_instead(const std::vector<Group>& profile, const std::vector<Group>& published) {
  if (std::any_of(profile.begin(), profile.end(), is_known_to_all)) return std::nullopt;
  const auto found = std::find_if(published.begin(), published.end(), [&](const Group& group) {
    return is_known_to_all(group) && std::none_of(profile.begin(), profile.end(),
                                                  [&](const Group& line) { return are_digests_of_one(line, group); });
  });
  return found == published.end() ? std::nullopt : std::optional<Group>(*found);
}

GateAnswer gate(const std::vector<OwnerLedger>& ledgers, const std::vector<OwnerLook>& looks,
                const std::vector<Association>& associations, Seconds min_hold, HoldDown hold_down_rule,
                const Instant& now) {
  GateAnswer answer;
  for (std::size_t i = 0; i < looks.size(); ++i) {
    for (const Association& association : associations) {
      answer.each.push_back(one(ledgers[i], looks[i], association, associations, min_hold, hold_down_rule, now));
    }
  }
  return answer;
}

GateAnswer gate_of(const ChainKeys& keys, const std::vector<Group>& profile, const std::vector<OwnerLedger>& ledgers,
                   const std::vector<OwnerLook>& looks, Seconds min_hold, HoldDown hold_down_rule, const Instant& now) {
  GateAnswer answer = gate(ledgers, looks, relied_on(keys, profile, looks), min_hold, hold_down_rule, now);
  for (Readiness& one : answer.each) {
    const Group& group = one.association.group;
    if (!one.lacking || std::find(profile.begin(), profile.end(), group) != profile.end()) continue;
    one.blocked_by.insert(
        one.blocked_by.begin(),
        fmt::format("other {0} records are published, and a sender may go by those alone (RFC 7671 section 8): delete "
                    "them, or put \"{0}\" into the profile",
                    group.text()));
  }
  for (const OwnerLedger& ledger : ledgers) {
    const auto instead = relied_on_instead(profile, ledger.groups);
    if (!instead) continue;
    for (Readiness& one : answer.each) {
      if (one.owner != ledger.owner) continue;
      one.blocked_by.push_back(
          fmt::format("{} records are published, and a sender that does not know SHA-512 goes by those alone: delete "
                      "them, or put a line of SHA-256 into the profile",
                      instead->text()));
    }
  }
  return answer;
}

}  // namespace danectl
