#include "core/rollover/plan.hpp"

#include "core/rollover/adoption.hpp"
#include "core/rollover/settle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

Step step(StepKind kind, std::string what, std::string why, std::optional<WallTime> when = std::nullopt) {
  return {kind, std::move(what), std::move(why), when, 0};
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

bool is_same(const Chain& one, const Chain& other) {
  return std::equal(one.certificates.begin(), one.certificates.end(), other.certificates.begin(),
                    other.certificates.end(),
                    [](const Certificate& a, const Certificate& b) { return a.fingerprint == b.fingerprint; });
}

// What certbot's lineage and the deployed generation say to each other.
std::optional<Step> beside_certbot(const Facts& facts, const LineageConfig& lineage, const Instant& now) {
  if (!facts.certbot) {
    if (!facts.certbot_is_half_ours) return std::nullopt;
    return step(StepKind::install, "complete certbot's lineage with the deployed key and certificate",
                facts.certbot_trouble);
  }
  const Certificate& theirs = facts.certbot->chain.leaf();
  const Certificate& ours = facts.deployed->chain.leaf();
  if (!facts.certbot->reuse_key && lineage.stages_keys()) {
    return step(StepKind::restore_reuse_key, "set reuse_key = True in certbot's renewal configuration",
                "without it certbot makes a new key at its next renewal");
  }
  if (theirs.fingerprint == ours.fingerprint) {
    // But `append_root` may have come since.
    const bool closed_anew = !lineage.roots.empty() && !is_same(facts.certbot->chain, facts.deployed->chain) &&
                             keys_of(facts.certbot->chain, lineage).anchor;
    if (!closed_anew) return std::nullopt;
  }
  const bool keeps = may_be_adopted(facts.certbot->chain, facts.deployed->chain, lineage, facts.state, now);
  // Never back to an older one.
  if ((keeps || theirs.key == ours.key) && theirs.not_before < ours.not_before) return std::nullopt;
  if (keeps) {
    return step(StepKind::adopt, "deploy certbot's newer certificate",
                fmt::format("the published records match it, and it ends {}", to_rfc3339(theirs.not_after)));
  }
  const ChainKeys keys = keys_of(facts.certbot->chain, lineage);
  if (lineage.names_keys() && !(theirs.key == ours.key) && was_current(facts.state, theirs.key)) {
    return step(StepKind::install, "give certbot the deployed key and certificate as its next version",
                "certbot would go on renewing a key that is no longer deployed");
  }
  if (!is_candidate(facts, theirs, keys)) {
    return step(StepKind::keep_candidate, "keep certbot's new key and certificate as a candidate",
                "the records of what is deployed do not match it, so its own must be visible before it is deployed");
  }
  return std::nullopt;
}

std::optional<Step> ready_candidate(const Facts& facts) {
  for (std::size_t i = facts.candidates.size(); i > 0; --i) {
    const CandidateFact& candidate = facts.candidates[i - 1];
    if (!candidate.gate.ready() || !candidate.kept || candidate.kept->refused) continue;
    if (facts.deployed && is_same(candidate.kept->chain, facts.deployed->chain)) continue;
    Step found = step(StepKind::deploy_candidate, "deploy the candidate certificate of certbot",
                      fmt::format("the records of its key {} are ready", candidate.keys.key.sha256));
    found.candidate = i - 1;
    return found;
  }
  return std::nullopt;
}

bool lacking(const GateAnswer& gate) {
  return std::any_of(gate.each.begin(), gate.each.end(), [](const Readiness& r) { return r.lacking; });
}

bool over_but_unconfirmed(const GateAnswer& gate) {
  return gate.stage() == KeyStage::ready && !gate.ready();
}

// "the records of the next key", or of what else is missing first.
std::string text_of_missing(const Facts& facts) {
  const std::string& named = facts.unpublished.front().add.front().hex;
  const auto is_of = [&](const KeyId& key) { return named == key.sha256 || named == key.sha512; };
  const State& state = facts.state;
  if (state.current && is_of(state.current->key)) return "the records of the current key";
  if (state.next && is_of(state.next->key)) return "the records of the next key";
  return "the records that are wanted";
}

bool was_tried(const PlanInput& input, StepKind kind) {
  return input.tried.contains(kind);
}

// `what`: "the next key".
Step before_ready(const PlanInput& input, const GateAnswer& gate, std::string_view what) {
  if (gate.each.empty()) return step(StepKind::wait, "ask DNS", "DNS was not asked");
  if (lacking(gate)) {
    const StepKind kind = was_tried(input, StepKind::publish) ? StepKind::wait : StepKind::publish;
    return step(kind, fmt::format("publish the records of {}", what),
                fmt::format("not every authoritative server has the records of {}", what));
  }
  if (gate.stage() == KeyStage::staged) {
    return step(StepKind::wait, "wait for DNS", "no validated answer from every authoritative server");
  }
  if (over_but_unconfirmed(gate)) {
    return step(StepKind::wait, "wait for DNS", fmt::format("this look does not confirm the records of {}", what));
  }
  return step(StepKind::wait, "wait for the hold-down",
              "caches may still hold the records as they were (RFC 7671 section 8.1)", gate.ready_at(input.now));
}

// What keeps `run`, and not a person, from promoting a ready next key.
std::optional<Step> unattended_rest(const PlanInput& input) {
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
                fmt::format("the current key is to serve for {}", human_duration(*input.lineage.rollover)), when);
  }
  return std::nullopt;
}

Step issue(const PlanInput& input, std::string what, std::string why) {
  if (input.goal == Goal::run) {
    if (const auto when = next_attempt(input.facts, input.now)) {
      const auto& issued = input.facts.next->issued;
      return step(StepKind::wait, "ask the CA again",
                  issued && issued->refused ? issued->refused->what : "it gave no certificate for the next key", *when);
    }
  }
  if (was_tried(input, StepKind::issue)) return step(StepKind::nothing, std::move(what), std::move(why));
  return step(StepKind::issue, std::move(what), std::move(why));
}

Step with_ready_key(const PlanInput& input) {
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
              "its records are ready and its chain passes DANE with the records of every server");
}

// certbot alone makes the chains: the newest of those that wait is what comes next.
Step without_next_key(const PlanInput& input) {
  if (input.facts.candidates.empty()) {
    return step(StepKind::nothing, "let certbot renew", "danectl stages no key for this lineage");
  }
  const CandidateFact& newest = input.facts.candidates.back();
  if (const auto why = obstacle(newest)) return step(StepKind::person, why->hint, why->what);
  if (!newest.gate.ready()) return before_ready(input, newest.gate, "the candidate");
  return step(StepKind::wait, "wait for certbot's next renewal", "the copy of the candidate is gone");
}

bool any(const std::vector<Retirement>& retiring, Retirement::Verdict verdict) {
  return std::any_of(retiring.begin(), retiring.end(),
                     [&](const Retirement& retirement) { return retirement.verdict == verdict; });
}

// What `run` does to DNS.
std::optional<Step> published(const PlanInput& input) {
  const Facts& facts = input.facts;
  if (!facts.unpublished.empty() && !was_tried(input, StepKind::publish)) {
    return step(StepKind::publish, fmt::format("publish {}", text_of_missing(facts)),
                "not every authoritative server has them");
  }
  if (was_tried(input, StepKind::retire)) return std::nullopt;
  if (any(facts.retiring, Retirement::Verdict::due)) {
    return step(StepKind::retire, "delete the retiring records", "no server needs them any more");
  }
  if (any(facts.retiring, Retirement::Verdict::ask_servers)) {
    return step(StepKind::retire, "delete the retiring records that no server presents any more",
                "their time is over; `danectl retire` asks the servers");
  }
  return std::nullopt;
}

}  // namespace

Step plan(const PlanInput& input) {
  const Facts& facts = input.facts;
  if (!facts.deployed) {
    const Error trouble = facts.deployed_trouble.value_or(failed("nothing is deployed", "danectl enroll"));
    return step(StepKind::person, trouble.hint, trouble.what);
  }
  const bool left_over = facts.next && facts.next->key == facts.deployed->chain.leaf().key;
  if (left_over || settled(facts, input.lineage, input.now) != facts.state) {
    return step(StepKind::settle, "write down what the files show", "the state is older than they are");
  }
  if (auto found = beside_certbot(facts, input.lineage, input.now)) return *found;
  const Pending& pending = facts.state.pending;
  if (!was_tried(input, StepKind::run_hooks) && (pending.reload_since || pending.certbot_hooks_since)) {
    return step(StepKind::run_hooks, "reload the servers", "they may still serve what was deployed before");
  }
  if (auto found = ready_candidate(facts)) return *found;
  if (any(facts.retiring, Retirement::Verdict::gone)) {
    return step(StepKind::forget, "forget the retired records", "no server has them any more");
  }
  const bool stages = input.lineage.stages_keys();
  if (!facts.next && stages) return step(StepKind::stage, "stage the next key", "there is none to roll to");
  if (input.goal == Goal::run) {
    if (auto found = published(input)) return *found;
  }
  if (!stages) return without_next_key(input);
  if (!facts.next->gate.ready()) return before_ready(input, facts.next->gate, "the next key");
  return with_ready_key(input);
}

Seconds back_off(unsigned refusals) {
  constexpr std::chrono::hours longest{24};
  if (refusals > 5) return longest;
  return std::chrono::hours(1 << (std::max(refusals, 1U) - 1));
}

std::optional<WallTime> next_attempt(const Facts& facts, const Instant& now) {
  const std::optional<Refusals>& refusals = facts.state.ca_refusals;
  const bool good = facts.next && facts.next->issued && !facts.next->issued->due && !obstacle(*facts.next);
  if (!refusals || good) return std::nullopt;
  const Seconds span = back_off(refusals->count);
  const Milliseconds left = span - elapsed(refusals->last, now);
  if (left <= Milliseconds{0}) return std::nullopt;
  return std::max(refusals->last.wall + span, now.wall + left);
}

}  // namespace danectl
