#include "core/rollover/retiring.hpp"

#include "core/dns/look.hpp"
#include "core/rollover/objection_text.hpp"

#include <algorithm>

namespace danectl {
namespace {

using Verdict = RetiringFact::Verdict;

std::optional<Instant> unwanted_since(const Place& place, const Association& record) {
  std::optional<Instant> latest;
  for (const LineageOn& lineage : place.lineages) {
    for (const KnownRecord& known : lineage.known) {
      if (known.association != record || !known.unwanted_since) continue;
      if (!latest || known.unwanted_since->wall > latest->wall) latest = known.unwanted_since;
    }
  }
  return latest;
}

bool goes_now(const ChangePlan& plan, const Association& record) {
  return plan.change && plan.change->does == DnsChange::Does::remove && contains(plan.change->records, record);
}

bool is_of_time(const Objection& objection) {
  return objection.kind == Objection::Kind::needed && objection.until.has_value();
}

// Each sentence once: several RRsets and senders may give the same.
std::string sentences(const Objections& objections) {
  std::vector<std::string> said;
  std::string text;
  for (const Objection& objection : objections) {
    const std::string sentence = objection_text(objection);
    if (std::find(said.begin(), said.end(), sentence) != said.end()) continue;
    said.push_back(sentence);
    text += (text.empty() ? "" : "; ") + sentence;
  }
  return text;
}

RetiringFact judged(const Place& place, const ChangePlan& plan, const ChangeRule& rule, const Association& record) {
  RetiringFact fact{record, {}, std::nullopt, unwanted_since(place, record)};
  if (is_going(place.ledger, record)) {
    fact.verdict = Verdict::going;
    fact.why = "it is deleted, and not every name server has followed yet";
    return fact;
  }
  if (goes_now(plan, record)) {
    fact.verdict = plan.ask_probes ? Verdict::ask_servers : Verdict::due;
    fact.why = plan.ask_probes && any_probes(place)
                   ? "it goes if no server that is probed presents a chain that needs it"
                   : "no chain that a server may present needs it";
    return fact;
  }
  Objections objections = against_deleting(place, record, rule);
  if (objections.empty()) objections = plan.objections;
  if (objections.empty()) {
    fact.why = plan.change && plan.change->does == DnsChange::Does::add
                   ? "the records that are missing are published first"
                   : "other records go first";
    return fact;
  }
  fact.why = sentences(objections);
  if (needs_a_person(objections)) fact.mended_by = RetiringFact::MendedBy::person;
  if (!std::all_of(objections.begin(), objections.end(), is_of_time)) return fact;
  for (const Objection& objection : objections) fact.when = std::max(fact.when.value_or(WallTime{}), *objection.until);
  return fact;
}

}  // namespace

bool is_going(const Ledger& ledger, const Association& record) {
  return std::any_of(ledger.asked.begin(), ledger.asked.end(), [&](const AskedFor& asked) {
    return !contains(asked.records, record) &&
           std::any_of(asked.before.begin(), asked.before.end(),
                       [&](const RRset& before) { return contains(before, record); });
  });
}

std::vector<RetiringFact> retiring_at(const Place& place, const ChangePlan& plan, const ChangeRule& rule) {
  std::vector<RetiringFact> facts;
  facts.reserve(plan.left.size());
  for (const Association& record : plan.left) facts.push_back(judged(place, plan, rule, record));
  return facts;
}

}  // namespace danectl
