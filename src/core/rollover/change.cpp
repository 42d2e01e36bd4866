#include "core/rollover/change.hpp"

#include "core/keys/dane_verify.hpp"
#include "core/keys/usable.hpp"

#include <algorithm>
#include <set>

namespace danectl {
namespace {

using Does = DnsChange::Does;

Version changed(const Version& version, const RRset& delta, Does does) {
  const RRset base = standing(version);
  return {.records = does == Does::add ? with(base, delta) : without(base, delta), .ttl = version.ttl};
}

void append(Objections& all, const Objections& more) {
  all.insert(all.end(), more.begin(), more.end());
}

// What a change may come upon: what servers give, and what was asked for and may be done before it.
std::vector<Version> changed_from(const Ledger& ledger, ChangeRule::Sends sends) {
  std::vector<Version> from = given_versions(ledger);
  if (sends == ChangeRule::Sends::compare_and_swap) return from;
  for (const AskedFor& asked : ledger.asked) from.push_back({.records = asked.records, .ttl = asked.ttl});
  return from;
}

// A method that sends one record at a time may be cut after any of them, and a provider may lose one that it accepted.
// So any part of what is sent may be done: there are 2 RRsets after the first record, 4 after the second. All are
// noted, so few records go out in one call.
constexpr std::size_t most_one_at_a_time = 4;
constexpr std::size_t most_parts = 64;

void also_with(std::vector<Version>& versions, const Association& record, Does does) {
  std::set<std::pair<RRset, bool>> known;
  for (const Version& version : versions) known.emplace(version.records, version.from_wildcard);
  const std::size_t before = versions.size();
  for (std::size_t i = 0; i < before; ++i) {
    Version after = changed(versions[i], {record}, does);
    if (known.emplace(after.records, after.from_wildcard).second) versions.push_back(std::move(after));
  }
}

class Question {
 public:
  Question(const Place& place, const std::optional<Association>& silenced, const ChangeRule& rule)
      : place_(place), given_(changed_from(place.ledger, rule.sends)), issuers_(rule.issuers) {
    for (const LineageOn& lineage : place.lineages) {
      views_.insert(views_.end(), lineage.presented.begin(), lineage.presented.end());
    }
    for (const Association& record : without(somewhere(given_), with(known_at(place), wanted_at(place)))) {
      // If no sender can use a record, no sender checks a server by it. If a record matches our certificate, its server
      // has our key.
      if (record == silenced || !usable(record) || is_of_ours(record)) continue;
      views_.push_back(
          {"the servers of others with the record " + record.text(), OnlyMatches{record}, {}, senders_of({})});
    }
    if (rule.shown != nullptr) shown_ = rule.shown;
  }

  [[nodiscard]] const std::vector<Version>& given() const { return given_; }

  // Against a change of what servers give now, or would give after the steps before.
  [[nodiscard]] Objections against(const std::vector<Version>& from, const RRset& delta, Does does) const {
    Objections objections;
    // Promise 3: what handshakes without SNI showed does not count for a first record.
    const bool begins_dane = does == Does::add && begins(from, delta, does);
    for (const Version& version : from) {
      const RRset after = changed(version, delta, does).records;
      for (const ChainView& view : views_) add(objections, view, version.records, after, does);
      if (shown_ == nullptr) continue;
      for (const ChainView& view : shown_->with_sni) add(objections, view, version.records, after, does);
      if (begins_dane) continue;
      for (const ChainView& view : shown_->without_sni) add(objections, view, version.records, after, does);
    }
    if (shown_ != nullptr && (begins_dane || does == Does::remove)) append(objections, shown_->unknown);
    if (shown_ != nullptr && does == Does::remove) append(objections, shown_->unknown_without_sni);
    if (shown_ != nullptr && does == Does::remove && issuers_ == ChangeRule::Issuers::may_go_where_probed &&
        std::any_of(delta.begin(), delta.end(), [](const Association& record) { return record.group.usage == 2; })) {
      append(objections, shown_->left_out);
    }
    return objections;
  }

  // The same of these chains alone.
  [[nodiscard]] Objections against(const std::vector<ChainView>& views, const RRset& delta, Does does) const {
    Objections objections;
    for (const Version& version : given_) {
      const RRset after = changed(version, delta, does).records;
      for (const ChainView& view : views) add(objections, view, version.records, after, does);
    }
    return objections;
  }

  [[nodiscard]] bool begins(const std::vector<Version>& from, const RRset& delta, Does does) const {
    std::set<Sender> senders;
    for (const ChainView& view : views_) senders.insert(view.senders.begin(), view.senders.end());
    return std::any_of(from.begin(), from.end(), [&](const Version& version) {
      const RRset after = changed(version, delta, does).records;
      return std::any_of(senders.begin(), senders.end(), [&](const Sender& sender) {
        return !checks(sender, version.records) && checks(sender, after);
      });
    });
  }

 private:
  [[nodiscard]] bool is_of_ours(const Association& record) const {
    return record.group.usage == 3 && std::any_of(views_.begin(), views_.end(), [&](const ChainView& view) {
             const auto* const known = std::get_if<KnownChain>(&view.chain);
             return known != nullptr && shows(*known->chain, record);
           });
  }

  // Of each chain the first sender that fails stands for all.
  void add(Objections& objections, const ChainView& view, const RRset& before, const RRset& after, Does does) const {
    for (const Sender& sender : view.senders) {
      if (passes(view, after, sender, std::nullopt) || !passes(view, before, sender, std::nullopt)) continue;
      objections.push_back({.kind = does == Does::add ? Objection::Kind::would_fail : Objection::Kind::needed,
                            .owner = place_.name,
                            .chain = view.what,
                            .unnamed_host = unnamed_host(view, after, sender),
                            .until = view.until,
                            .presence = view.presence,
                            .sender = sender,
                            .rrset = after});
      return;
    }
  }

  const Place& place_;
  std::vector<Version> given_;
  std::vector<ChainView> views_;
  ChangeRule::Issuers issuers_;
  const Shown* shown_ = nullptr;
};

// Finds what of `delta` may be changed now.
class Search {
 public:
  Search(const Place& place, const ChangeRule& rule) : question_(place, std::nullopt, rule), rule_(rule) {}

  std::optional<DnsChange> of(const RRset& delta, Does does) {
    if (delta.empty()) return std::nullopt;
    if (rule_.method == ChangeRule::Method::one_at_a_time) return in_some_order(delta, does);
    const Objections whole = question_.against(question_.given(), delta, does);
    if (whole.empty()) return DnsChange{does, delta};
    append(objections_, whole);
    if (delta.size() == 1) return std::nullopt;
    for (const Association& record : delta) {
      if (question_.against(question_.given(), {record}, does).empty()) return DnsChange{does, {record}};
    }
    return std::nullopt;
  }

  Objections objections_;

 private:
  std::optional<DnsChange> in_some_order(const RRset& delta, Does does) {
    DnsChange change{does, {}};
    std::vector<Version> from = question_.given();
    RRset rest = delta;
    while (change.records.empty() || (change.records.size() < most_one_at_a_time && from.size() < most_parts)) {
      const auto next = std::find_if(rest.begin(), rest.end(), [&](const Association& record) {
        return question_.against(from, {record}, does).empty();
      });
      if (next == rest.end()) break;
      also_with(from, *next, does);
      change.records.push_back(*next);
      rest.erase(next);
    }
    for (const Association& record : rest) append(objections_, question_.against(from, {record}, does));
    if (change.records.empty()) return std::nullopt;
    return change;
  }

  Question question_;
  const ChangeRule& rule_;
};

Objections not_readable(const Place& place) {
  Objections objections;
  for (const LineageOn& lineage : place.lineages) {
    if (lineage.unreadable.empty()) continue;
    objections.push_back({.kind = Objection::Kind::unreadable, .owner = place.name, .why = lineage.unreadable});
  }
  return objections;
}

// Some servers give what was asked for, and others do not.
bool is_following(const Ledger& ledger, const std::vector<Version>& given) {
  if (given.size() < 2) return false;
  return std::any_of(given.begin(), given.end(), [&](const Version& version) {
    return std::any_of(ledger.asked.begin(), ledger.asked.end(),
                       [&](const AskedFor& asked) { return asked.records == standing(version); });
  });
}

// They give different RRsets, or some give an alias, behind which stands what this name does not tell of.
bool servers_differ(const Ledger& ledger, const std::vector<Version>& given) {
  return given.size() != 1 || std::any_of(ledger.servers.begin(), ledger.servers.end(), [](const ServerMemory& memory) {
           return !memory.left && memory.last.kind == Version::Kind::alias;
         });
}

// Nothing is deleted where a record of what is deployed is missing: that comes first.
Objections missing_of_deployed(const Place& place, const RRset& missing) {
  for (const LineageOn& lineage : place.lineages) {
    for (const Wanted& wanted : lineage.wanted) {
      if (wanted.role != RecordRole::current || !contains(missing, wanted.association)) continue;
      // One stands for all.
      return {{.kind = Objection::Kind::additions_first, .owner = place.name, .record = wanted.association}};
    }
  }
  return {};
}

bool any_stands(const std::vector<Version>& given) {
  return std::any_of(given.begin(), given.end(), [](const Version& version) { return !standing(version).empty(); });
}

// Issuers' records stay, where they may be another host's.
void keep_issuers(RRset& left, const ChangeRule& rule, const DnsName& name, Objections& objections) {
  if (rule.issuers != ChangeRule::Issuers::stay) return;
  std::erase_if(left, [&](const Association& record) {
    if (record.group.usage != 2) return false;
    objections.push_back({.kind = Objection::Kind::needs_person, .owner = name, .record = record});
    return true;
  });
}

}  // namespace

bool begins(const Place& place, const DnsChange& change) {
  const Question question(place, std::nullopt, {});
  return question.begins(question.given(), change.records, change.does);
}

Objections without_sni(const Place& place, const DnsChange& addition, const Shown& shown) {
  const Question question(place, std::nullopt, {});
  Objections objections = question.against(shown.without_sni, addition.records, addition.does);
  append(objections, shown.unknown_without_sni);
  return objections;
}

ChangePlan next_change(const Place& place, const ChangeRule& rule) {
  const std::vector<Version> given = given_versions(place.ledger);
  const RRset wanted = wanted_at(place);
  ChangePlan plan;
  plan.missing = missing_at(place);
  RRset known = known_at(place);
  for (const Version& version : given) plan.left = with(std::move(plan.left), standing(version));
  std::erase_if(plan.left, [&](const Association& r) { return !contains(known, r) || contains(wanted, r); });
  if (!place.unanswered.empty()) {
    plan.objections = place.unanswered;
    return plan;
  }
  if (is_following(place.ledger, given)) {
    plan.objections = {{.kind = Objection::Kind::following, .owner = place.name}};
    return plan;
  }
  if (given.empty()) {  // all give an alias, and the resolver does not know it yet
    plan.objections = {{.kind = Objection::Kind::differ, .owner = place.name}};
    return plan;
  }
  Search search(place, rule);
  if (rule.only != Does::remove && !plan.missing.empty()) {
    // Where a record stands, its host has a name of its own.
    if (!any_stands(given)) search.objections_ = place.against_first;
    if (search.objections_.empty()) plan.change = search.of(plan.missing, Does::add);
  }
  if (!plan.change && !plan.left.empty() && rule.only != Does::add) {
    RRset going = plan.left;
    keep_issuers(going, rule, place.name, search.objections_);
    Objections unknown = not_readable(place);
    append(unknown, missing_of_deployed(place, plan.missing));
    if (servers_differ(place.ledger, given)) {
      search.objections_.push_back({.kind = Objection::Kind::differ, .owner = place.name});
    } else if (!unknown.empty()) {
      append(search.objections_, unknown);
    } else {
      plan.change = search.of(going, Does::remove);
    }
  }
  plan.objections = std::move(search.objections_);
  if (plan.change && rule.shown == nullptr) {
    plan.ask_probes = plan.change->does == Does::remove || begins(place, *plan.change);
  }
  return plan;
}

Objections against_deleting(const Place& place, const Association& record, const ChangeRule& rule) {
  Objections objections = place.unanswered;
  append(objections, not_readable(place));
  const Question question(place, std::nullopt, rule);
  append(objections, missing_of_deployed(place, missing_at(place)));
  append(objections, question.against(question.given(), {record}, Does::remove));
  RRset going{record};
  keep_issuers(going, rule, place.name, objections);
  return objections;
}

Objections may_delete_foreign(const Place& place, const Association& record, const ChangeRule& rule) {
  Objections objections = place.unanswered;
  append(objections, not_readable(place));
  if (!objections.empty()) return objections;
  const Question question(place, record, rule);
  if (servers_differ(place.ledger, given_versions(place.ledger)))
    return {{.kind = Objection::Kind::differ, .owner = place.name}};
  return question.against(question.given(), {record}, Does::remove);
}

std::vector<RRset> outcomes(const Ledger& ledger, const DnsChange& change, const ChangeRule& rule) {
  std::set<RRset> all;
  for (const Version& version : changed_from(ledger, rule.sends)) {
    if (rule.method == ChangeRule::Method::all_at_once) {
      all.insert(changed(version, change.records, change.does).records);
      continue;
    }
    std::vector<Version> parts{version};
    for (const Association& record : change.records) also_with(parts, record, change.does);
    for (std::size_t i = 1; i < parts.size(); ++i) all.insert(parts[i].records);
  }
  return {all.begin(), all.end()};
}

}  // namespace danectl
