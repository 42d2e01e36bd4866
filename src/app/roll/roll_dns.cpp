// The steps of Roll that change DNS.
#include "app/publish/asking_servers.hpp"
#include "app/roll/roll.hpp"
#include "core/rollover/objection_text.hpp"
#include "core/rollover/retiring.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace danectl {
namespace {

using Does = DnsChange::Does;

// Another host may change the RRset between our look and our update, and secondaries need a moment to follow.
constexpr int most_tries = 4;
constexpr Milliseconds between_tries{1000};

constexpr const char* what_to_do = "the lines above say what has to change first";

std::string shortened_list(const RRset& records) {
  std::string text;
  for (const Association& record : records) text += (text.empty() ? "" : ", ") + shortened(record);
  return text;
}

// A line for each objection, each once.
Error not_changed(const Place& place, Does does, const Objections& objections, const std::string& hint) {
  return {needs_a_person(objections) ? ErrorKind::refused : ErrorKind::not_yet,
          fmt::format("not {} at {}:{}", does == Does::add ? "published" : "deleted", place.name.text(),
                      objection_lines(objections)),
          hint};
}

// A method that sends one record at a time may find no order in which each step is safe.
bool is_safe_at_once(const Place& place, ChangeRule rule) {
  if (rule.method == ChangeRule::Method::all_at_once) return false;
  rule.method = ChangeRule::Method::all_at_once;
  return next_change(place, rule).change.has_value();
}

constexpr const char* only_at_once =
    "they are safe all at once, but not one by one in any order: use the method \"nsupdate\" or \"include\", or put "
    "all of them there by hand in one change of the zone";

// For a first record the handshakes with SNI count alone; what the others show is said.
void say_without_sni(const Workshop& shop, const LineageConfig& lineage, const Place& place, const DnsChange& change,
                     const std::map<DnsName, Shown>& shown) {
  const auto found = shown.find(place.name);
  if (found == shown.end() || change.does != Does::add || !begins(place, change)) return;
  std::set<std::string> said;
  for (const Objection& objection : without_sni(place, change, found->second)) {
    std::string sentence = objection_text(objection);
    if (objection.kind == Objection::Kind::probe) sentence += ", without SNI";
    if (!said.insert(sentence).second) continue;
    shop.output.warn(fmt::format("{}: {}", lineage.name, sentence),
                     "the first record does not wait for that, because every sender that checks DANE sends the name "
                     "(SNI); but make this the default certificate, too");
  }
}

Ledger with_outcomes(Ledger ledger, const DnsChange& change, const ChangeRule& rule, Seconds ttl) {
  const std::vector<RRset> given = standing_rrsets(ledger);
  for (RRset& rrset : outcomes(ledger, change, rule))
    ledger = with_asked(std::move(ledger), std::move(rrset), ttl, given);
  return ledger;
}

// What time or name servers mend by themselves.
bool waits_for_dns(const Objections& objections) {
  return !objections.empty() && std::all_of(objections.begin(), objections.end(), [](const Objection& one) {
    return one.kind == Objection::Kind::following || one.kind == Objection::Kind::differ ||
           one.kind == Objection::Kind::silent || one.kind == Objection::Kind::not_asked;
  });
}

std::string hint_for(const Objections& objections) {
  for (const Objection& objection : objections) {
    if (!objection.unnamed_host) continue;
    return fmt::format("renew the certificate with {} in it; or take the lines of usage 2 out of the profile",
                       *objection.unnamed_host);
  }
  if (const auto remedies = remedies_of(objections); !remedies.empty())
    return fmt::format("{}", fmt::join(remedies, "; "));
  const bool silent = std::any_of(objections.begin(), objections.end(), [](const Objection& one) {
    return one.kind == Objection::Kind::silent && !one.server.empty();
  });
  return silent ? "bring the name server back; if it is gone for good, put it into `ignore` of [dns]" : what_to_do;
}

bool is_servers_following(const Objections& objections) {
  return std::any_of(objections.begin(), objections.end(), [](const Objection& one) {
    return one.kind == Objection::Kind::following || one.kind == Objection::Kind::differ;
  });
}

}  // namespace

// It is noted before it is sent: it counts as held from that moment, however slow a provider is.
ChangeResult Roll::send(const PlaceFact& place, const DnsChange& change, const ChangeRule& rule) {
  OwnerBook& book = *shop_.book;
  const Ledger before = book.ledger(place.place.name);
  book.replace(with_outcomes(before, change, rule, place.ttl));
  if (auto saved = book.save(shop_.files(), shop_.paths()); !saved) return {ChangeResult::Kind::refused, saved.error()};
  const auto publisher = publisher_for(shop_, place.place.name);
  fresh_look_ = false;
  ChangeResult result = publisher->change({place.place.name, place.zone, place.ttl, change, standing_rrsets(before)});
  if (result.kind == ChangeResult::Kind::refused) {
    book.replace(before);
    if (auto saved = book.save(shop_.files(), shop_.paths()); !saved) return {result.kind, saved.error()};
  }
  if (result.kind == ChangeResult::Kind::done) {
    deleted_any_ = deleted_any_ || change.does == Does::remove;
    say(fmt::format("{} at {}: {}", change.does == Does::add ? "published" : "deleted", place.place.name.text(),
                    shortened_list(change.records)));
  }
  return result;
}

// What is to be changed at a place, with the word of the probes where that is needed.
Result<std::optional<DnsChange>> Roll::change_at(const PlaceFact& place, Does does) {
  ChangeRule rule = change_rule(shop_, place.place, how_.asker);
  rule.only = does;
  ChangePlan plan = next_change(place.place, rule);
  const bool first = plan.change && does == Does::add && begins(place.place, *plan.change);
  if (plan.change && plan.ask_probes) {
    rule.shown = &shown_.insert_or_assign(place.place.name, ask_servers(shop_, place.place)).first->second;
    plan = next_change(place.place, rule);
    if (first && !(plan.change && plan.change->records.size() == plan.missing.size())) {
      held_ = not_begun(shop_, place.place, plan.objections);
    }
  }
  const RRset& due = does == Does::add ? plan.missing : plan.left;
  if (!plan.change && !due.empty() && !held_) {
    const bool at_once = is_safe_at_once(place.place, rule);
    held_ = not_changed(place.place, does, plan.objections, at_once ? only_at_once : hint_for(plan.objections));
    // A first record waits for servers that are pointed at the lineage (promise 3).
    const bool begins_blind = does == Does::add && !at_once && begins(place.place, {does, plan.missing});
    if (begins_blind) held_->kind = ErrorKind::not_yet;
    held_waits_for_dns_ = waits_for_dns(plan.objections);
    waits_for_servers_ = is_servers_following(plan.objections);
  }
  return plan.change;
}

// One round over the places: true when something was sent, so that another change may be due.
Result<bool> Roll::change_once(Does does) {
  bool sent = false;
  held_.reset();
  held_waits_for_dns_ = false;
  waits_for_servers_ = false;
  for (const PlaceFact& place : facts_.places) {
    if (is_by_hand(shop_, place.place.name)) continue;
    const auto change = change_at(place, does);
    if (!change) return change.error();
    if (!*change || !sent_.emplace(place.place.name, (*change)->does, (*change)->records).second) continue;
    if (does == Does::add && begins(place.place, **change) && !shop_.book->all_looked_at()) {
      sent_.clear();
      if (auto looked = look_at_the_rest(shop_); !looked) return looked.error();
      return true;
    }
    const ChangeResult result = send(place, **change, change_rule(shop_, place.place, how_.asker));
    if (result.kind == ChangeResult::Kind::done) say_without_sni(shop_, lineage_, place.place, **change, shown_);
    sent = sent || result.kind == ChangeResult::Kind::done || result.kind == ChangeResult::Kind::changed_meanwhile;
    if (result.kind == ChangeResult::Kind::changed_meanwhile) {
      held_ = not_yet(fmt::format("not {} at {}: the RRset is not the one that name servers gave: another host keeps "
                                  "changing it, or the answer of the server was lost",
                                  does == Does::add ? "published" : "deleted", place.place.name.text()),
                      "try again in a while");
    }
    if (result.kind == ChangeResult::Kind::changed_meanwhile) sent_.clear();
    const bool failed_now = result.kind == ChangeResult::Kind::refused || result.kind == ChangeResult::Kind::unclear;
    if (failed_now && !change_failure_) change_failure_ = result.why;
  }
  return sent;
}

// What is shown to a person of the places takes the word of the probes into account.
void Roll::take_what_was_shown() {
  for (PlaceFact& place : facts_.places) {
    const auto shown = shown_.find(place.place.name);
    if (shown == shown_.end()) continue;
    ChangeRule rule = change_rule(shop_, place.place, how_.asker);
    rule.only = how_.only;
    rule.shown = &shown->second;
    place.plan = next_change(place.place, rule);
    place.retiring = retiring_at(place.place, place.plan, rule);
  }
}

Status Roll::change_dns(Does does) {
  change_failure_.reset();
  sent_.clear();
  for (int tries = 1; tries <= most_tries; ++tries) {
    if (auto looked = look_freshly(); !looked) return looked;
    if (auto observed = observe_now(); !observed) return observed;
    shown_.clear();
    const auto sent = change_once(does);
    if (!sent) return sent.error();
    if (change_failure_) break;
    // A secondary that lags behind: `run` comes again by itself, a person's call waits a moment.
    const bool waits = waits_for_servers_ && !unattended();
    if (!*sent && !waits) break;
    if (tries == most_tries) break;
    if (waits && !*sent) {
      shop_.world.clock.sleep(between_tries);
      fresh_look_ = false;
    }
  }
  if (auto looked = look_freshly(); !looked) return looked;
  if (auto observed = observe_now(); !observed) return observed;
  take_what_was_shown();
  if (change_failure_) return *change_failure_;
  return {};
}

Status Roll::publish() {
  if (by_hand(shop_, lineage_) == ByHand::everything) return {};
  Status done = change_dns(Does::add);
  // For `run` to wait for DNS is nothing to tell.
  const bool tells = done && !(unattended() && held_waits_for_dns_);
  const std::optional<Error> held = tells ? held_ : std::optional<Error>();
  const bool known = held && held->what == state_.publish_error;
  State state = state_;
  state.publish_error = !done ? done.error().what : held ? held->what : std::string();
  if (auto saved = save(std::move(state)); !saved) return saved;
  if (!done || !held) return done;
  if (!unattended()) return *held;
  // A person has to point the server at live/NAME, or time has to pass; `run` waits for that, and says so once.
  if (!known || shop_.output.verbosity >= Verbosity::verbose) shop_.output.trouble(lineage_.name, *held);
  return {};
}

Status Roll::retire() {
  if (by_hand(shop_, lineage_) == ByHand::everything) return {};
  return change_dns(Does::remove);
}

Result<DueNow> Roll::due_at(const std::vector<PlaceFact>& places, const std::vector<Does>& kinds) {
  DueNow due;
  for (const PlaceFact& place : places) {
    for (const Does does : kinds) {
      held_.reset();
      const auto change = change_at(place, does);
      if (!change) return change.error();
      // Records that retire go in their time.
      if (held_ && does == Does::add) due.held = held_;
      if (!*change) continue;
      due.changes.push_back({place, **change});
      if (is_by_hand(shop_, place.place.name)) break;  // additions first
    }
  }
  return due;
}

Result<DueNow> Roll::due_now() {
  return due_at(facts_.places, {Does::add, Does::remove});
}

Result<DueNow> Roll::due_by_hand(const std::vector<Does>& kinds) {
  std::vector<PlaceFact> places = facts_.places;
  std::erase_if(places, [&](const PlaceFact& place) { return !is_by_hand(shop_, place.place.name); });
  auto due = due_at(places, kinds);
  if (!due) return due;
  for (const DueChange& one : due->changes) {
    say_without_sni(shop_, lineage_, one.place.place, one.change, shown_);
    if (auto noted = note_by_hand(one.place, one.change); !noted) return noted.error();
  }
  take_what_was_shown();
  return due;
}

Status Roll::note_by_hand(const PlaceFact& place, const DnsChange& change) {
  const Ledger& before = shop_.book->ledger(place.place.name);
  shop_.book->replace(with_outcomes(before, change, {}, place.ttl));
  return shop_.book->save(shop_.files(), shop_.paths());
}

Result<std::optional<Objections>> Roll::against_foreign(const PlaceFact& place, const Association& association) {
  for (const LineageOn& lineage : place.place.lineages) {
    if (!contains(rrset_of(lineage.wanted), association)) continue;
    return not_yet(fmt::format("not deleted: {}: it is a record of {}, and wanted", association.text(), lineage.name));
  }
  for (const RetiringFact& one : place.retiring) {
    if (one.record != association) continue;
    return not_yet(fmt::format("not deleted: {}: it is retiring: {}", association.text(), one.why),
                   fmt::format("danectl retire {}", lineage_.name));
  }
  if (!contains(place.foreign, association)) {
    if (!contains(place.foreign_of_wildcards, association)) return std::optional<Objections>();
    return failed(fmt::format("not deleted: {} comes from a wildcard, and does not stand at {} itself",
                              association.text(), place.place.name.text()),
                  "delete it at the wildcard, by hand");
  }
  ChangeRule rule = change_rule(shop_, place.place, how_.asker);
  const Shown shown = ask_servers(shop_, place.place);
  rule.shown = &shown;
  return std::optional<Objections>(may_delete_foreign(place.place, association, rule));
}

Status Roll::retire_foreign(const Association& association) {
  if (auto looked = look_at_the_rest(shop_); !looked) return looked;
  if (auto looked = look_freshly(); !looked) return looked;
  if (auto observed = observe_now(); !observed) return observed;
  Status worst;
  for (const PlaceFact& place : facts_.places) {
    const auto against = against_foreign(place, association);
    if (!against) return against.error();
    if (!*against) continue;
    if (!(*against)->empty()) {
      worst = not_changed(place.place, Does::remove, **against, what_to_do);
      continue;
    }
    if (is_by_hand(shop_, place.place.name)) {
      say(fmt::format("by hand: delete {} {}", place.place.name.text(), association.text()));
      if (auto noted = note_by_hand(place, {Does::remove, {association}}); !noted) return noted;
      continue;
    }
    const ChangeResult result = send(place, {Does::remove, {association}}, change_rule(shop_, place.place, how_.asker));
    if (result.kind == ChangeResult::Kind::changed_meanwhile) {
      worst = not_yet("not deleted: the RRset is not as it was seen: another host may have changed it", "try again");
    } else if (result.kind != ChangeResult::Kind::done) {
      worst = result.why;
    }
  }
  if (auto looked = look_freshly(); !looked) return looked;
  return worst;
}

Status Roll::note_word(RetireRule rule) {
  if (auto saved = save(with_word(state_, rule)); !saved) return saved;
  return observe_now();
}

Status Roll::suppose_word(RetireRule rule) {
  state_ = with_word(std::move(state_), rule);
  return observe_now();
}

}  // namespace danectl
