#include "core/rollover/plan.hpp"

#include "core/rollover/candidate.hpp"
#include "core/rollover/objection_text.hpp"
#include "core/rollover/settle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

using MaybeStep = std::optional<Step>;

Step step(StepKind kind, std::string what, std::string why, std::optional<WallTime> when = std::nullopt) {
  return {kind, std::move(what), std::move(why), when, 0};
}

bool was_tried(const PlanInput& input, StepKind kind) {
  return input.tried.contains(kind);
}

bool is_same(const Chain& one, const Chain& other) {
  return std::equal(one.certificates.begin(), one.certificates.end(), other.certificates.begin(),
                    other.certificates.end(),
                    [](const Certificate& a, const Certificate& b) { return a.fingerprint == b.fingerprint; });
}

// --- lines 1 and 2: files and state

MaybeStep files_are_broken(const PlanInput& input) {
  if (input.facts.deployed) return std::nullopt;
  const Error trouble = input.facts.deployed_trouble.value_or(failed("nothing is deployed", "danectl enroll"));
  return step(StepKind::person, trouble.hint, trouble.what);
}

MaybeStep state_is_behind(const PlanInput& input) {
  if (settled(input.facts, input.lineage, input.now) == input.facts.state) return std::nullopt;
  return step(StepKind::settle, "write down what the files show", "the state is older than they are");
}

// --- lines 3 to 6: certbot's lineage and the deployed generation

// What certbot's chain is to the deployed one.
enum class Theirs { same, adoptable, older, behind, other };

Theirs certbots_chain(const PlanInput& input) {
  const Facts& facts = input.facts;
  const Chain& chain = facts.certbot->chain;
  const Certificate& theirs = chain.leaf();
  const Certificate& ours = facts.deployed->chain.leaf();
  if (theirs.fingerprint == ours.fingerprint) {
    // But `append_root` may have come since.
    const bool closed_anew =
        !input.lineage.roots.empty() && !is_same(chain, facts.deployed->chain) && keys_of(chain, input.lineage).anchor;
    if (!closed_anew) return Theirs::same;
  }
  const bool adoptable = facts.against_adoption.empty();
  // Never back to an older one. One with another key was dropped by the deployment.
  if (theirs.not_before < ours.not_before) return adoptable || theirs.key == ours.key ? Theirs::older : Theirs::behind;
  if (adoptable) return Theirs::adoptable;
  if (input.lineage.names_keys() && was_current(facts.state, theirs.key)) return Theirs::behind;
  return Theirs::other;
}

MaybeStep reuse_key_is_lost(const PlanInput& input) {
  if (!input.facts.certbot || !input.lineage.stages_keys()) return std::nullopt;
  if (input.facts.certbot->reuse_key) {
    if (input.facts.certbot->conf_fits_key) return std::nullopt;
    return step(StepKind::restore_reuse_key, "set key_type as the key is in certbot's renewal configuration",
                "it speaks of a key of another type, and certbot refuses to renew");
  }
  return step(StepKind::restore_reuse_key, "set reuse_key = True in certbot's renewal configuration",
              "without it certbot makes a new key at its next renewal");
}

MaybeStep may_be_adopted(const PlanInput& input) {
  if (!input.facts.certbot || certbots_chain(input) != Theirs::adoptable) return std::nullopt;
  return step(StepKind::adopt, "deploy certbot's newer certificate",
              fmt::format("every sender that accepts the deployed chain accepts it, and it ends {}",
                          to_rfc3339(input.facts.certbot->chain.leaf().not_after)));
}

MaybeStep certbot_is_behind(const PlanInput& input) {
  const Facts& facts = input.facts;
  if (!facts.certbot) {
    if (!facts.certbot_is_half_ours) return std::nullopt;
    return step(StepKind::install, "complete certbot's lineage with the deployed key and certificate",
                facts.certbot_trouble);
  }
  if (certbots_chain(input) != Theirs::behind) return std::nullopt;
  return step(StepKind::install, "give certbot the deployed key and certificate as its next version",
              "certbot would go on renewing a key that is no longer deployed");
}

// One whose copy is gone is none: certbot still has it, and it is copied again.
bool is_candidate(const Facts& facts, const Certificate& leaf, const ChainKeys& keys) {
  const std::vector<CandidateKey>& known = facts.state.candidates;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (!(known[i].keys() == keys) || known[i].fingerprint != leaf.fingerprint) continue;
    return i >= facts.candidates.size() || facts.candidates[i].kept;
  }
  return false;
}

MaybeStep certbot_has_another(const PlanInput& input) {
  const Facts& facts = input.facts;
  if (!facts.certbot || certbots_chain(input) != Theirs::other) return std::nullopt;
  const Chain& chain = facts.certbot->chain;
  if (is_candidate(facts, chain.leaf(), keys_of(chain, input.lineage))) return std::nullopt;
  return step(StepKind::keep_candidate, "keep certbot's new key and certificate as a candidate",
              "some sender that accepts the deployed chain may refuse it, so its own records must be visible first");
}

// --- lines 7 and 8: reloads and candidates

MaybeStep reload_is_pending(const PlanInput& input) {
  const Pending& pending = input.facts.state.pending;
  if (was_tried(input, StepKind::run_hooks) || !(pending.reload_since || pending.certbot_hooks_since)) {
    return std::nullopt;
  }
  return step(StepKind::run_hooks, "reload the servers", "they may still serve the chain before");
}

MaybeStep candidate_is_ready(const PlanInput& input) {
  if (input.promoted) return std::nullopt;
  const Facts& facts = input.facts;
  for (std::size_t i = facts.candidates.size(); i > 0; --i) {
    const CandidateFact& candidate = facts.candidates[i - 1];
    if (!candidate.way.ready() || !candidate.kept || candidate.kept->refused) continue;
    if (is_same(candidate.kept->chain, facts.deployed->chain)) continue;
    Step found = step(StepKind::deploy_candidate, "deploy the candidate certificate of certbot",
                      fmt::format("the records of its key {} are ready", candidate.keys.key.sha256));
    found.candidate = i - 1;
    return found;
  }
  return std::nullopt;
}

// --- lines 9 and 10: the next key, and DNS

MaybeStep no_next_key(const PlanInput& input) {
  if (input.facts.next || !input.lineage.stages_keys()) return std::nullopt;
  if (input.goal == Goal::promote && !input.promoted && !input.facts.state.pending.stage_since) {
    return step(StepKind::person, "danectl stage " + input.lineage.name, "there is no next key to promote");
  }
  return step(StepKind::stage, "stage the next key", "there is no key to roll over to");
}

// "the records of the next key", or of what else is missing first.
std::string text_of_missing(const Facts& facts, const RRset& missing) {
  const auto any_of_key = [&](const KeyId& key) {
    return std::any_of(missing.begin(), missing.end(),
                       [&](const Association& record) { return record.hex == key.sha256 || record.hex == key.sha512; });
  };
  if (any_of_key(facts.deployed->chain.leaf().key)) return "the records of the current key";
  if (facts.next && any_of_key(facts.next->key)) return "the records of the next key";
  return "the records that are wanted";
}

MaybeStep dns_is_to_change(const PlanInput& input) {
  for (const PlaceFact& place : input.facts.places) {
    if (!place.plan.change || was_tried(input, StepKind::publish)) continue;
    if (place.plan.change->does != DnsChange::Does::add) continue;
    return step(StepKind::publish, fmt::format("publish {}", text_of_missing(input.facts, place.plan.missing)),
                begins_where_probed(place) ? begins_dane : "not every authoritative server has them");
  }
  for (const PlaceFact& place : input.facts.places) {
    if (!place.plan.change || was_tried(input, StepKind::retire)) continue;
    if (place.plan.change->does != DnsChange::Does::remove) continue;
    return step(StepKind::retire, "delete the retiring records",
                place.plan.ask_probes && any_probes(place.place)
                    ? "they go if no server that is probed presents a chain that needs them"
                    : "no chain that a server may present needs them");
  }
  return std::nullopt;
}

// --- lines 11 and 12: to the next key

bool is_lacking(const Readiness& way) {
  return std::any_of(way.objections.begin(), way.objections.end(),
                     [](const Objection& one) { return one.kind == Objection::Kind::missing; });
}

// `what`: "the next key".
Step before_ready(const Readiness& way, std::string_view what) {
  if (is_lacking(way)) {
    return step(StepKind::wait, fmt::format("publish the records of {}", what),
                fmt::format("not every authoritative server has the records of {}", what));
  }
  if (way.stage == KeyStage::visible) {
    return step(StepKind::wait, "wait for the hold-down",
                "caches may still hold records by which its chain fails (RFC 7671 section 8.1)", way.ready_at);
  }
  const bool silent = std::any_of(way.objections.begin(), way.objections.end(), [](const Objection& one) {
    return one.kind == Objection::Kind::silent || one.kind == Objection::Kind::not_asked;
  });
  return step(StepKind::wait, "wait for DNS",
              silent ? "no validated answer from every authoritative server"
                     : fmt::format("name servers give, or may yet give, records by which the chain of {} fails", what));
}

// What keeps `run`, and not a person, from promoting a ready next key.
MaybeStep unattended_rest(const PlanInput& input) {
  const State& state = input.facts.state;
  if (was_current(state, input.facts.next->key)) {
    return step(StepKind::nothing, "promote the next key when you like",
                "it was current before a rollback, so only a person promotes it");
  }
  if (!input.lineage.rollover) {
    return step(StepKind::nothing, "promote the next key when you like", "its records are ready");
  }
  const Milliseconds left = *input.lineage.rollover - elapsed(state.current->since, input.now);
  if (left > Milliseconds{0}) {
    const WallTime when = std::max(state.current->since.wall + *input.lineage.rollover, input.now.wall + left);
    return step(StepKind::wait, "promote the next key",
                fmt::format("by `rollover` the current key stays for {}", human_duration(*input.lineage.rollover)),
                when);
  }
  return std::nullopt;
}

// The CA is not asked for a certificate that would be refused for its names.
Step issue(const PlanInput& input, std::string what, std::string why) {
  const Certificate& certbots = input.facts.certbot->chain.leaf();
  if (const auto named = check_hosts(certbots, input.facts.deployed->chain.leaf(), input.lineage); !named) {
    return step(StepKind::person, named.error().hint, named.error().what);
  }
  if (input.goal == Goal::run) {
    if (const auto when = next_attempt(input.facts, input.now)) {
      const auto& issued = input.facts.next->issued;
      return step(StepKind::wait, "ask the CA again",
                  issued && issued->refused ? issued->refused->what : "it gave no certificate for the next key", *when);
    }
  }
  if (was_tried(input, StepKind::issue)) {
    const bool for_a_person = input.goal == Goal::promote;
    return step(for_a_person ? StepKind::person : StepKind::nothing, std::move(what), std::move(why));
  }
  return step(StepKind::issue, std::move(what), std::move(why));
}

MaybeStep promotion_is_done(const PlanInput& input) {
  if (!input.promoted) return std::nullopt;
  return step(StepKind::nothing, "nothing", "another key was deployed in this call");
}

MaybeStep next_key_is_ready(const PlanInput& input) {
  if (!input.lineage.stages_keys() || !input.facts.next || !input.facts.next->way.ready()) return std::nullopt;
  const NextFact& next = *input.facts.next;
  if (input.goal == Goal::run) {
    if (auto rest = unattended_rest(input)) return *rest;
  }
  if (!input.facts.certbot) {
    const std::string& cure = input.facts.certbot_cure;
    return step(StepKind::person, cure.empty() ? "mend certbot's lineage " + input.lineage.name : cure,
                input.facts.certbot_trouble);
  }
  if (!next.issued) return issue(input, "get the certificate for the next key", "its records are ready");
  if (next.issued->due) {
    return issue(input, "get a certificate for the next key again", "the one kept for it is due for renewal");
  }
  if (next.issued->refused) {
    return issue(input, "get a certificate for the next key again", next.issued->refused->what);
  }
  return step(StepKind::deploy_next, "deploy the next key and its certificate",
              "its chain passes every RRset that a sender may hold");
}

// certbot alone makes the chains: the newest of those that wait is what comes next.
Step without_next_key(const PlanInput& input) {
  if (input.facts.candidates.empty()) {
    return step(StepKind::nothing, "let certbot renew", "danectl stages no key for this lineage");
  }
  const CandidateFact& newest = input.facts.candidates.back();
  if (!newest.way.ready()) return before_ready(newest.way, "the candidate");
  if (const auto why = obstacle(newest)) return step(StepKind::person, why->hint, why->what);
  return step(StepKind::wait, "wait for certbot's next renewal", "the copy of the candidate is gone");
}

MaybeStep wait(const PlanInput& input) {
  if (!input.lineage.stages_keys()) return without_next_key(input);
  if (!input.facts.next) return step(StepKind::nothing, "stage the next key", "there is no key to roll over to");
  return before_ready(input.facts.next->way, "the next key");
}

using Line = MaybeStep (*)(const PlanInput&);
constexpr Line table[] = {files_are_broken,
                          state_is_behind,
                          reuse_key_is_lost,
                          may_be_adopted,
                          certbot_is_behind,
                          certbot_has_another,
                          reload_is_pending,
                          candidate_is_ready,
                          no_next_key,
                          dns_is_to_change,
                          promotion_is_done,
                          next_key_is_ready,
                          wait};

}  // namespace

bool is_rest(StepKind kind) {
  return kind == StepKind::person || kind == StepKind::wait || kind == StepKind::nothing;
}

StepKinds every_step() {
  return {
      StepKind::settle,    StepKind::restore_reuse_key, StepKind::adopt, StepKind::install, StepKind::keep_candidate,
      StepKind::run_hooks, StepKind::deploy_candidate,  StepKind::stage, StepKind::publish, StepKind::retire,
      StepKind::issue,     StepKind::deploy_next};
}

StepKinds steps_of_promote() {
  StepKinds kinds = every_step();
  kinds.erase(StepKind::publish);
  kinds.erase(StepKind::retire);
  return kinds;
}

StepKinds steps_of_deploy_hook() {
  return {StepKind::settle,  StepKind::restore_reuse_key, StepKind::adopt,
          StepKind::install, StepKind::keep_candidate,    StepKind::run_hooks};
}

bool begins_where_probed(const PlaceFact& place) {
  const std::optional<DnsChange>& change = place.plan.change;
  return change && change->does == DnsChange::Does::add && place.plan.ask_probes && any_probes(place.place);
}

Step plan(const PlanInput& input) {
  for (const Line line : table) {
    MaybeStep next = line(input);
    if (!next) continue;
    if (is_rest(next->kind) || input.takes.contains(next->kind)) return *next;
  }
  return step(StepKind::nothing, "nothing", "nothing is to be done");
}

Seconds back_off(unsigned refusals) {
  constexpr std::chrono::hours longest{24};
  if (refusals > 5) return longest;
  return std::chrono::hours(1 << (std::max(refusals, 1U) - 1));
}

std::optional<WallTime> next_attempt(const Facts& facts, const Instant& now) {
  const std::optional<Refusals>& refusals = facts.state.ca_refusals;
  const bool good = facts.next && facts.next->issued && !facts.next->issued->due && !facts.next->issued->refused;
  // An order whose end is not known is looked after at once.
  if (!refusals || good || facts.state.pending.order_since) return std::nullopt;
  const Seconds span = back_off(refusals->count);
  const Milliseconds left = span - elapsed(refusals->last, now);
  if (left <= Milliseconds{0}) return std::nullopt;
  return std::max(refusals->last.wall + span, now.wall + left);
}

}  // namespace danectl
