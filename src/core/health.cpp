#include "core/health.hpp"

#include "core/dane_verify.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

Report report(Health health, std::string what, std::string why) {
  return {health, Step{StepKind::person, std::move(what), std::move(why), std::nullopt, 0}};
}

bool any_usable(const RRset& rrset) {
  return std::any_of(rrset.begin(), rrset.end(), usable);
}

// RFC 7672 section 2.1 and 2.2: bogus answers, and usable records of which none matches, make senders hold the mail.
std::optional<Report> broken(const HealthInput& input) {
  for (const OwnerLook& look : input.looks) {
    if (look.dnssec == Dnssec::bogus) {
      return report(Health::broken, fmt::format("mend DNSSEC for {}", look.owner.text()), look.why);
    }
    const auto parts = parse_owner(look.owner);
    for (const RRset& rrset : distinct_rrsets(look)) {
      if (!any_usable(rrset)) continue;
      const auto match = dane_verify(input.facts.deployed->chain, rrset, {parts ? parts->host.text() : ""}, input.now);
      if (match) continue;
      return report(Health::broken, fmt::format("publish the records of the current key at {}", look.owner.text()),
                    "records are published, and none of them matches what is deployed");
    }
  }
  return std::nullopt;
}

std::optional<Report> dns_needs_a_person(const HealthInput& input) {
  for (const OwnerLook& look : input.looks) {
    if (look.dnssec == Dnssec::insecure) {
      return report(Health::attention, fmt::format("sign the zone of {}", look.owner.text()), look.why);
    }
    for (const Association& association :
         associations_of(input.facts.deployed->chain.leaf().key, input.lineage.profile)) {
      if (sighting(look, association).presence != Presence::lacking) continue;
      return report(Health::attention, fmt::format("publish the records of the current key at {}", look.owner.text()),
                    "not every authoritative server has the records of the current key");
    }
  }
  return std::nullopt;
}

bool candidate_is_published(const CandidateFact& candidate) {
  return std::none_of(candidate.gate.each.begin(), candidate.gate.each.end(),
                      [](const Readiness& readiness) { return readiness.lacking; });
}

std::optional<Report> lineage_needs_a_person(const HealthInput& input) {
  for (const CandidateFact& candidate : input.facts.candidates) {
    if (candidate_is_published(candidate)) continue;
    return report(Health::attention, "publish the records of the candidate",
                  fmt::format("certbot made another key, {}, which waits for them", candidate.key.sha256));
  }
  if (!input.facts.state.hook_error.empty()) {
    return report(Health::attention, "mend what certbot's deploy hook met", input.facts.state.hook_error);
  }
  const Certificate& leaf = input.facts.deployed->chain.leaf();
  const auto life = leaf.not_after - leaf.not_before;
  const Milliseconds margin = std::min<Milliseconds>(input.limits.warning, life / 3);
  if (leaf.not_after - input.now < margin) {
    return report(Health::attention, "let certbot renew the certificate",
                  fmt::format("the deployed one ends {}", to_rfc3339(leaf.not_after)));
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_text(Health health) {
  switch (health) {
    case Health::ok:
      return "ok";
    case Health::waiting:
      return "waiting";
    case Health::attention:
      return "attention";
    case Health::broken:
      break;
  }
  return "broken";
}

Report health(const HealthInput& input) {
  if (!input.facts.deployed) return {Health::attention, input.step};
  if (auto found = broken(input)) return *found;
  if (auto found = dns_needs_a_person(input)) return *found;
  if (input.step.kind != StepKind::wait && input.step.kind != StepKind::nothing) {
    return {Health::attention, input.step};
  }
  if (auto found = lineage_needs_a_person(input)) return *found;
  return {input.step.kind == StepKind::wait ? Health::waiting : Health::ok, input.step};
}

}  // namespace danectl
