#include "core/rollover/publication.hpp"

#include "core/keys/dane_verify.hpp"
#include "core/keys/usable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace danectl {
namespace {

using NeverServed = std::set<std::pair<DnsName, Association>>;

NeverServed never_served(const std::vector<LineageWants>& wants) {
  NeverServed records;
  for (const LineageWants& lineage : wants) {
    for (const RetiringRecord& record : lineage.state.retiring) {
      if (record.served == Served::never) records.emplace(record.owner, record.association);
    }
  }
  return records;
}

// What is wanted only since it is retiring, though nobody can need it.
void drop_never_served(std::vector<WantedRRset>& rrsets, const NeverServed& never) {
  for (WantedRRset& rrset : rrsets) {
    std::erase_if(rrset.records, [&](const WantedRecord& record) {
      return record.uses.front().role == RecordRole::retiring && never.contains({rrset.owner, record.association});
    });
  }
}

// The RRsets at a canonical name, as the looks of all its aliases saw them.
std::vector<RRset> published_at(const DnsName& canonical, const std::vector<OwnerLook>& looks) {
  std::vector<RRset> sets;
  for (const OwnerLook& look : looks) {
    if (look.canonical() != canonical) continue;
    for (RRset& rrset : distinct_rrsets(look)) sets.push_back(std::move(rrset));
  }
  return sets;
}

std::string why_unanswered(const OwnerLook& look) {
  return look.why.empty() ? "no authoritative server gave a validated answer" : look.why;
}

// `withdrawn`: what every server may have still and none in a while.
RRsetChange change_for(const WantedRRset& rrset, const std::vector<RRset>& published, const RRset& withdrawn) {
  RRsetChange change{rrset.canonical, rrset.zone, rrset.ttl, {}, {}, RRsetChange::Before::dane_is_on};
  for (const auto role : {RecordRole::current, RecordRole::next, RecordRole::candidate, RecordRole::retiring}) {
    for (const WantedRecord& record : rrset.records) {
      if (record.uses.front().role != role) continue;
      const auto those_with_it = std::count_if(published.begin(), published.end(),
                                               [&](const RRset& set) { return contains(set, record.association); });
      const bool is_going = contains(withdrawn, record.association);
      if (those_with_it == std::ssize(published) && !is_going) continue;
      change.add.push_back(record.association);
      if (those_with_it > 0 && !is_going) change.partly_there.push_back(record.association);
    }
  }
  const auto usable_to_all = [](const Association& record) { return usable(record) && is_known_to_all(record.group); };
  const auto begins_with = [&](const auto& counts) {
    return std::any_of(change.add.begin(), change.add.end(), counts) &&
           std::any_of(published.begin(), published.end(),
                       [&](const RRset& set) { return std::none_of(set.begin(), set.end(), counts); });
  };
  if (begins_with(usable)) {
    change.before = RRsetChange::Before::dane_is_off;
  } else if (begins_with(usable_to_all)) {
    change.before = RRsetChange::Before::dane_is_on_by_sha512;
  }
  return change;
}

}  // namespace

RRsetChange without_what_begins(RRsetChange change) {
  const auto begins = [before = change.before](const Association& record) {
    return before == RRsetChange::Before::dane_is_off ||
           (before == RRsetChange::Before::dane_is_on_by_sha512 && is_known_to_all(record.group));
  };
  std::erase_if(change.add, begins);
  std::erase_if(change.partly_there, begins);
  change.before = RRsetChange::Before::dane_is_on;
  return change;
}

void drop_what_would_begin_a_kind(std::vector<WantedRRset>& rrsets, const std::vector<LineageWants>& wants,
                                  const std::vector<OwnerLook>& looks) {
  const auto in_a_profile = [&](const Group& group) {
    return std::any_of(wants.begin(), wants.end(), [&](const LineageWants& one) {
      const std::vector<Group>& profile = one.lineage.profile;
      return std::find(profile.begin(), profile.end(), group) != profile.end();
    });
  };
  for (WantedRRset& rrset : rrsets) {
    const std::vector<RRset> published = published_at(rrset.canonical, looks);
    const auto is_everywhere = [&](const Group& group) {
      return std::all_of(published.begin(), published.end(), [&](const RRset& set) {
        return std::any_of(set.begin(), set.end(), [&](const Association& record) { return record.group == group; });
      });
    };
    std::erase_if(rrset.records, [&](const WantedRecord& record) {
      const Group& group = record.association.group;
      return record.uses.front().role == RecordRole::retiring && !in_a_profile(group) && !is_everywhere(group);
    });
  }
}

namespace {

// Of retiring records: those that the profile has no more, and digests of what it has.
std::vector<Group> digests_left(const WantedRRset& rrset, const std::vector<Group>& profile) {
  std::vector<Group> left;
  for (const WantedRecord& record : rrset.records) {
    const Group& group = record.association.group;
    const bool known = std::find(profile.begin(), profile.end(), group) != profile.end() ||
                       std::find(left.begin(), left.end(), group) != left.end();
    const auto of_the_profile = [&](const Group& line) { return are_digests_of_one(line, group); };
    if (record.uses.front().role != RecordRole::retiring || known) continue;
    if (std::any_of(profile.begin(), profile.end(), of_the_profile)) left.push_back(group);
  }
  return left;
}

}  // namespace

void add_digests_that_are_left(std::vector<WantedRRset>& rrsets, const std::vector<LineageWants>& wants,
                               const std::vector<OwnerLook>& looks) {
  for (WantedRRset& rrset : rrsets) {
    const std::vector<RRset> published = published_at(rrset.canonical, looks);
    const auto is_published = [&](const Association& record) {
      return std::any_of(published.begin(), published.end(), [&](const RRset& set) { return contains(set, record); });
    };
    const RRset withdrawn = withdrawn_at(wants, rrset.canonical);
    for (const LineageWants& one : wants) {
      const std::vector<DnsName>& owners = one.lineage.tlsa;
      if (std::find(owners.begin(), owners.end(), rrset.owner) == owners.end()) continue;
      const std::vector<Group> left = digests_left(rrset, one.lineage.profile);
      const auto add = [&](const std::vector<Association>& records, RecordRole role) {
        for (const Association& record : records) {
          const bool stays = is_published(record) && !(role == RecordRole::retiring && contains(withdrawn, record));
          if (role == RecordRole::current || stays) rrset.add(record, role, one.lineage.name);
        }
      };
      const State& state = one.state;
      if (state.current) add(associations_of(state.current->keys(), left), RecordRole::current);
      if (state.next) add(associations_of(state.next->keys(), left), RecordRole::next);
      for (const CandidateKey& candidate : state.candidates) {
        add(associations_of(candidate.keys(), left), RecordRole::candidate);
      }
      for (const RetiringRecord& record : state.retiring) {
        if (!record.key || record.decided || record.owner != rrset.owner) continue;
        if (record.association.group.usage != 3) continue;
        add(associations_of({*record.key, std::nullopt}, left), RecordRole::retiring);
      }
    }
  }
}

Additions additions(const std::vector<LineageWants>& wants, const std::vector<OwnerLook>& looks,
                    const DefaultTtl& default_ttl) {
  Additions result;
  std::vector<WantedRRset> wanted = wanted_rrsets(wants, looks, default_ttl);
  drop_never_served(wanted, never_served(wants));
  drop_what_goes(wanted, wants);
  drop_what_would_begin_a_kind(wanted, wants, looks);
  std::vector<WantedRRset> known;
  for (WantedRRset& rrset : wanted) {
    const OwnerLook* look = look_of(looks, rrset.owner);
    if (look == nullptr) continue;
    if (published_at(rrset.canonical, looks).empty()) {
      result.unanswered.push_back(fmt::format("{}: {}", rrset.owner.text(), why_unanswered(*look)));
    } else {
      known.push_back(std::move(rrset));
    }
  }
  for (const WantedRRset& rrset : by_canonical_name(known)) {
    RRsetChange change = change_for(rrset, published_at(rrset.canonical, looks), withdrawn_at(wants, rrset.canonical));
    if (!change.add.empty()) result.changes.push_back(std::move(change));
  }
  return result;
}

std::vector<PublishedRecord> foreign_records(const std::vector<LineageWants>& wants,
                                             const std::vector<OwnerLook>& looks) {
  const std::vector<WantedRRset> wanted = by_canonical_name(wanted_rrsets(wants, looks, Seconds{0}));
  std::vector<PublishedRecord> foreign;
  for (const OwnerLook& look : looks) {
    RRset seen;
    for (const RRset& rrset : distinct_rrsets(look)) seen.insert(seen.end(), rrset.begin(), rrset.end());
    std::sort(seen.begin(), seen.end());
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    for (const WantedRRset& rrset : wanted) {
      if (rrset.owner != look.canonical()) continue;
      for (const WantedRecord& record : rrset.records) std::erase(seen, record.association);
    }
    for (const Association& association : seen) foreign.push_back({look.owner, association});
  }
  return foreign;
}

}  // namespace danectl
