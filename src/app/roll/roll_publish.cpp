// The steps of Roll that change DNS.
#include "app/frame/explain.hpp"
#include "app/publish/asking_servers.hpp"
#include "app/roll/roll.hpp"
#include "app/store/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace danectl {
namespace {

using Verdict = Retirement::Verdict;

// Another host may change the RRset between our look and our update.
constexpr int most_tries = 4;
constexpr Milliseconds between_tries{1000};

std::vector<Retirement> with(const std::vector<Retirement>& all, Verdict verdict) {
  std::vector<Retirement> some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some),
               [&](const Retirement& r) { return r.verdict == verdict; });
  return some;
}

std::string shortened_list(const std::vector<Association>& associations) {
  std::string text;
  for (const Association& association : associations) {
    text += (text.empty() ? "" : ", ") + shortened(association);
  }
  return text;
}

std::string reasons(const std::vector<Retirement>& held) {
  std::string text;
  for (const Retirement& one : held) {
    text += fmt::format("\n  {} {}: {}", one.record.owner.text(), shortened(one.record.association), one.why);
  }
  return text;
}

Error still_held(const std::vector<Retirement>& held, std::string hint) {
  return not_yet(fmt::format("not deleted:{}", reasons(held)), std::move(hint));
}

}  // namespace

Status Roll::publish() {
  shop_.aliases->note(state_);
  if (by_hand(shop_, lineage_) == ByHand::everything) return {};
  const auto publisher = make_publisher(shop_);
  if (auto looked = look_freshly(); !looked) return looked;
  auto sharing = Sharing::on(shop_, lineage_.tlsa, &state_);
  if (!sharing) return sharing.error();
  Additions wanted = additions(sharing->wants(), looks_, shop_.config());
  if (std::any_of(wanted.changes.begin(), wanted.changes.end(),
                  [](const RRsetChange& change) { return change.begins(); })) {
    if (auto looked = look_at_the_rest(shop_); !looked) return looked;
    sharing = Sharing::on(shop_, lineage_.tlsa, &state_);
    if (!sharing) return sharing.error();
    wanted = additions(sharing->wants(), looks_, shop_.config());
  }
  std::vector<RRsetChange>& changes = wanted.changes;
  std::erase_if(changes, [&](const RRsetChange& change) { return is_by_hand(shop_, change.owner); });
  const Status begun = hold_back_what_begins(shop_, *sharing, changes);
  const auto added = changes.empty() ? Status() : add_records(*publisher, changes);
  const bool known = !begun && begun.error().what == state_.publish_error;
  State state = state_;
  state.publish_error = !added ? added.error().what : !begun ? begun.error().what : std::string();
  if (auto saved = save(std::move(state)); !saved) return saved;
  if (!added) return added;
  if (!begun && unattended()) {
    // A person has to point the server at live/NAME; `run` waits for that, and says so once.
    if (!known || shop_.output.verbosity == Verbosity::verbose) shop_.output.trouble(lineage_.name, begun.error());
    return {};
  }
  if (!begun) return begun;
  if (wanted.unanswered.empty()) return {};
  return not_yet(fmt::format("not published: nothing is known of {}", wanted.unanswered.front()),
                 "DNS must answer, and its answers be secure, before anything is changed");
}

// Of every lineage on the owners.
Status Roll::change_states(const std::function<State(State)>& change) {
  const auto sharing = Sharing::on(shop_, lineage_.tlsa, &state_);
  if (!sharing) return sharing.error();
  for (const LineageWants& one : sharing->wants()) {
    if (one.lineage.name == lineage_.name) continue;
    auto state = load_state(shop_.files(), shop_.paths(), one.lineage.name);
    if (!state) return state.error();
    State after = change(*state);
    if (after == *state) continue;
    if (auto saved = save_state(shop_.files(), shop_.paths(), after); !saved) return saved;
  }
  return save(change(state_));
}

Status Roll::add_records(Publisher& publisher, const std::vector<RRsetChange>& changes) {
  const auto added = publisher.add(changes);
  fresh_look_ = false;
  if (!added) return added;
  const auto noted = change_states([&](State state) {
    for (const RRsetChange& change : changes) state = with_published(std::move(state), change.owner, change.add);
    return state;
  });
  if (!noted) return noted;
  for (const RRsetChange& change : changes) {
    const bool news = change.add != change.partly_there;
    if (!news && shop_.output.verbosity != Verbosity::verbose) continue;
    say(fmt::format("published at {}: {}", change.owner.text(), shortened_list(change.add)));
  }
  return look_again();  // the clock of what is everywhere already begins here
}

RetirementInput Roll::retirement_input(const Sharing& sharing, RetireRule rule, const Presented* presented) const {
  return {lineage_, state_, sharing.wants(), looks_, rule, presented, now()};
}

// Servers are asked only when all else is in favour.
Result<std::vector<Retirement>> Roll::judged(RetireRule rule, const std::optional<Association>& foreign) {
  if (foreign) {
    if (auto looked = look_at_the_rest(shop_); !looked) return looked.error();
  }
  const auto sharing = Sharing::on(shop_, lineage_.tlsa, &state_);
  if (!sharing) return sharing.error();
  const auto judge = [&](const Presented* presented) {
    const RetirementInput input = retirement_input(*sharing, rule, presented);
    if (!foreign) return retirements(input);
    std::vector<Retirement> results;
    for (const DnsName& owner : lineage_.tlsa) results.push_back(foreign_retirement(input, owner, *foreign));
    return results;
  };
  std::vector<Retirement> results = judge(nullptr);
  if (with(results, Verdict::ask_servers).empty()) return results;
  const Presented presented = ask_servers(shop_, sharing->probes());
  return judge(&presented);
}

bool Roll::servers_differ(const std::vector<Retirement>& due) const {
  return std::any_of(due.begin(), due.end(), [&](const Retirement& one) {
    return distinct_rrsets(*look_of(looks_, one.record.owner)).size() != 1;
  });
}

Status Roll::note_decided(RetireRule rule, const std::vector<Retirement>& judged) {
  const std::vector<Retirement> due = with(judged, Verdict::due);
  if (rule == RetireRule::unattended || due.empty()) return {};
  return change_states([&](State state) {
    for (RetiringRecord& record : state.retiring) {
      // What retired together with it goes with it, or, held, would bring it back.
      record.decided =
          record.decided || std::any_of(due.begin(), due.end(), [&](const Retirement& one) {
            const bool same_time = state.name == lineage_.name && record.key && record.key == one.record.key &&
                                   record.since == one.record.since;
            return one.record.owner == record.owner && (one.record.association == record.association || same_time);
          });
    }
    return state;
  });
}

Result<bool> Roll::remove_records(Publisher& publisher, const std::vector<Retirement>& due) {
  if (servers_differ(due)) return false;
  std::vector<RRsetRemoval> removals;
  for (const Retirement& one : due) {
    const OwnerLook& look = *look_of(looks_, one.record.owner);
    const auto sets = distinct_rrsets(look);
    const auto same = [&](const RRsetRemoval& removal) { return removal.owner == look.canonical(); };
    auto removal = std::find_if(removals.begin(), removals.end(), same);
    if (removal == removals.end()) {
      const Seconds ttl = published_ttl(look).value_or(publish_for(shop_, one.record.owner).ttl);
      removals.push_back({look.canonical(), zone_of(look), ttl, {}, sets.front()});
      removal = removals.end() - 1;
    }
    const auto& known = removal->remove;
    if (std::find(known.begin(), known.end(), one.record.association) == known.end()) {
      removal->remove.push_back(one.record.association);
    }
  }
  for (const RRsetRemoval& removal : removals) {
    // Before it is done: who is cut then knows of a deletion too many, which only costs another publication.
    std::map<std::string, State> before;
    const auto noted = change_states([&](State state) {
      before.emplace(state.name, state);
      return with_withdrawn(std::move(state), removal.owner, removal.remove);
    });
    if (!noted) return noted.error();
    const Removal removed = publisher.remove(removal);
    fresh_look_ = false;
    // The note stays unless nothing was deleted for certain: of an update whose answer was lost a second try only tells
    // that the RRset is another.
    if (removed.outcome == Removal::Outcome::refused) {
      const auto taken_back = change_states([&](const State& state) { return before.at(state.name); });
      if (!taken_back) return taken_back.error();
    }
    if (removed.outcome == Removal::Outcome::changed_meanwhile) return false;
    if (removed.outcome != Removal::Outcome::done) return removed.why;
    say(fmt::format("deleted at {}: {}", removal.owner.text(), shortened_list(removal.remove)));
  }
  return true;
}

Status Roll::delete_due(RetireRule rule, const std::optional<Association>& foreign) {
  shop_.aliases->note(state_);
  if (by_hand(shop_, lineage_) == ByHand::everything) return {};
  const auto publisher = make_publisher(shop_);
  for (int tries = 1; tries <= most_tries; ++tries) {
    if (tries > 1) shop_.world.clock.sleep(between_tries);
    if (auto looked = look_freshly(); !looked) return looked;
    auto results = judged(rule, foreign);
    if (!results) return results.error();
    std::erase_if(*results, [&](const Retirement& one) { return is_by_hand(shop_, one.record.owner); });
    const std::vector<Retirement> due = with(*results, Verdict::due);
    const std::vector<Retirement> held = with(*results, Verdict::held);
    if (due.empty() && held.empty()) return {};
    if (due.empty() && rule == RetireRule::unattended) {
      if (shop_.output.verbosity == Verbosity::verbose) {
        shop_.output.warn(fmt::format("{}: not deleted:{}", lineage_.name, reasons(held)));
      }
      return {};
    }
    if (due.empty()) {
      const std::string nothing = tries == 1 ? "nothing was deleted; " : "";
      return still_held(held, nothing + "what is said there has to change first");
    }
    if (!foreign) {
      if (auto noted = note_decided(rule, due); !noted) return noted;
    }
    // A secondary that lags behind: `run` comes again by itself, `publish` waits a moment for what it has just added.
    const bool waits = !unattended() && tries < most_tries;
    if (rule == RetireRule::unattended && servers_differ(due) && !waits) return {};
    const auto removed = remove_records(*publisher, due);
    if (!removed) return removed.error();
    if (*removed) {
      if (auto looked = look_again(); !looked) return looked;
      if (rule == RetireRule::unattended || held.empty()) return {};
      return still_held(held, "the others were deleted; what is said there has to change first");
    }
    fresh_look_ = false;
  }
  return not_yet("not deleted: the RRset is not the same on every server, or another host keeps changing it",
                 "try again in a while");
}

Status Roll::retire(RetireRule rule) {
  return delete_due(rule, std::nullopt);
}

Status Roll::retire_foreign(const Association& association) {
  return delete_due(RetireRule::by_a_person, association);
}

}  // namespace danectl
