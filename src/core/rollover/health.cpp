#include "core/rollover/health.hpp"

#include "core/config/end_margins.hpp"
#include "core/rollover/candidate.hpp"
#include "core/rollover/objection_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

Report report(Health health, std::string what, std::string why) {
  return {health, Step{StepKind::person, std::move(what), std::move(why), std::nullopt, 0}};
}

bool in_profile(const Group& group, const LineageConfig& lineage) {
  return std::find(lineage.profile.begin(), lineage.profile.end(), group) != lineage.profile.end();
}

// What to do where the deployed chain fails by an RRset that a server gives.
Report broken_by(const HealthInput& input, const DnsName& name, const ChainView& view, const RRset& rrset) {
  const ChainKeys keys = keys_of_deployed(input.facts.deployed->chain, input.lineage, input.facts.state);
  const RRset hiding = records_in_the_way(keys, input.lineage.profile, rrset);
  if (!hiding.empty() && !in_profile(hiding.front().group, input.lineage)) {
    return report(Health::broken, fmt::format("delete {} at {}", hiding.front().text(), name.text()),
                  "it does not match what is deployed, and as the stronger digest it hides the records that do "
                  "(RFC 7671 section 9)");
  }
  const auto wanted = associations_of(keys, input.lineage.profile);
  if (hiding.empty() &&
      std::all_of(wanted.begin(), wanted.end(), [&](const Association& one) { return contains(rrset, one); })) {
    const std::string host = view.hosts.empty() ? std::string() : view.hosts.front();
    return report(Health::broken, fmt::format("renew the certificate with {} in it", host),
                  "its records are published, and it does not pass by them: where an issuer is named, the names and "
                  "the dates of the certificate count");
  }
  return report(Health::broken, fmt::format("publish the records of the current key at {}", name.text()),
                "records are published, and none of them matches what is deployed");
}

// RFC 7672 section 2.1 and 2.2: bogus answers, and usable records of which none matches, make senders hold the mail.
std::optional<Report> broken(const HealthInput& input) {
  for (const OwnerLook& look : input.looks) {
    if (look.dnssec != Dnssec::bogus) continue;
    return report(Health::broken, fmt::format("mend DNSSEC for {}", look.owner.text()),
                  look.why + "; danectl check tells whether senders see that, or this host's resolver alone");
  }
  if (const auto& objection = input.facts.fails_at_alias) {
    return report(Health::broken, how_to_follow_alias(*objection, input.lineage.name),
                  fmt::format("{}: {}", alias_text(*objection), objection_text(*objection)));
  }
  for (const PlaceFact& fact : input.facts.places) {
    const LineageOn& own = fact.place.lineages.front();
    if (own.presented.empty()) continue;
    const ChainView& deployed = own.presented.front();
    for (const Version& version : given_versions(fact.place.ledger)) {
      for (const Sender& sender : deployed.senders) {
        // Seldom, and DNS allows it (RFC 7671 section 5.2.2): it counts before a step, and is no alarm.
        if (sender.knows == Sender::Knows::no_anchors) continue;
        if (passes(deployed, version.records, sender, input.now)) continue;
        return broken_by(input, fact.place.name, deployed, version.records);
      }
    }
  }
  return std::nullopt;
}

bool is_by_hand(const HealthInput& input, const DnsName& owner) {
  const std::vector<DnsName>& owners = input.hands.by_hand;
  return std::find(owners.begin(), owners.end(), owner) != owners.end();
}

bool any_by_hand(const HealthInput& input, const PlaceFact& place) {
  return std::any_of(place.owners.begin(), place.owners.end(),
                     [&](const DnsName& owner) { return is_by_hand(input, owner); });
}

// Whether `danectl run` makes every change of this kind that is due.
bool changed_by_run(const HealthInput& input, DnsChange::Does does) {
  return input.hands.timer &&
         std::none_of(input.facts.places.begin(), input.facts.places.end(), [&](const PlaceFact& place) {
           return place.plan.change && place.plan.change->does == does && any_by_hand(input, place);
         });
}

// Time does not mend a resolver that does not answer, nor a trust anchor.
std::optional<Report> dns_is_silent(const HealthInput& input) {
  const auto why = why_dns_is_silent(input.looks);
  if (!why) return std::nullopt;
  return report(Health::attention, "let this host look names up; danectl doctor says what it lacks", *why);
}

// What `danectl run` will do by itself.
bool done_by_run(const HealthInput& input, StepKind kind) {
  switch (kind) {
    case StepKind::publish:
      return changed_by_run(input, DnsChange::Does::add);
    case StepKind::retire:
      return changed_by_run(input, DnsChange::Does::remove);
    case StepKind::run_hooks:
    case StepKind::person:
      return false;
    default:
      return input.hands.timer;
  }
}

std::optional<Report> dns_needs_a_person(const HealthInput& input) {
  for (const OwnerLook& look : input.looks) {
    if (look.dnssec == Dnssec::insecure) {
      const DnsName& name = look.insecure_at ? *look.insecure_at : look.owner;
      return report(Health::attention, fmt::format("sign the zone of {}", name.text()), look.why);
    }
    if (input.hands.timer && !is_by_hand(input, look.owner)) continue;
    const ChainKeys keys = keys_of_deployed(input.facts.deployed->chain, input.lineage, input.facts.state);
    for (const Association& association : associations_of(keys, input.lineage.profile)) {
      if (sighting(look, association).presence != Presence::lacking) continue;
      const std::vector<PlaceFact>& places = input.facts.places;
      const bool begins = std::any_of(places.begin(), places.end(), [&](const PlaceFact& place) {
        return place.place.name == look.canonical() && begins_where_probed(place);
      });
      return report(Health::attention, fmt::format("publish the records of the current key at {}", look.owner.text()),
                    begins ? begins_dane : "not every authoritative server has the records of the current key");
    }
  }
  return std::nullopt;
}

// The next key has no records where senders look first.
std::optional<Report> alias_needs_a_person(const HealthInput& input) {
  if (!input.facts.next) return std::nullopt;
  const Objection* const objection = given_where_alias_leads(input.facts.next->way.objections);
  if (objection == nullptr) return std::nullopt;
  return report(Health::attention, how_to_follow_alias(*objection, input.lineage.name),
                fmt::format("{}: {}", alias_text(*objection), objection_text(*objection)));
}

// A server that has its files open goes on; one that starts now may not.
std::optional<Report> files_need_a_person(const Facts& facts) {
  if (!facts.deployed_trouble) return std::nullopt;
  return report(Health::attention, "mend the files of the deployed generation",
                fmt::format("{}; {}", facts.deployed_trouble->what, facts.deployed_trouble->hint));
}

// Nothing is renewed or promoted meanwhile. What this user may not read is unknown, and no finding.
std::optional<Report> certbot_needs_a_person(const HealthInput& input) {
  const Facts& facts = input.facts;
  if (const auto& missing = facts.certbot_program) return report(Health::attention, missing->hint, missing->what);
  if (facts.certbot && facts.certbot->against_reuse) {
    const Error& against = *facts.certbot->against_reuse;
    return report(Health::attention, against.hint, against.what);
  }
  if (facts.certbot || facts.certbot_trouble.empty()) return std::nullopt;
  if (facts.certbot_is_half_ours || facts.certbot_is_forbidden) return std::nullopt;
  const std::string cure = facts.certbot_cure.empty() ? "" : "; " + facts.certbot_cure;
  return report(Health::attention, fmt::format("mend certbot's lineage {}", input.lineage.name),
                fmt::format("{}{}; meanwhile the deployed certificate is served, which ends {}", facts.certbot_trouble,
                            cure, to_rfc3339(facts.deployed->chain.leaf().not_after)));
}

// The plan of one who may read certbot's files would go on here.
Step as_far_as_can_be_told(const HealthInput& input) {
  if (input.step.kind != StepKind::person || !input.facts.certbot_is_forbidden) return input.step;
  return {StepKind::nothing, "promote the next key",
          "its records are ready, but this user may not read certbot's lineage", std::nullopt, 0};
}

bool candidate_is_published(const HealthInput& input, const CandidateFact& candidate) {
  const std::vector<Association> records = associations_of(candidate.keys, input.lineage.profile);
  return std::none_of(input.facts.places.begin(), input.facts.places.end(), [&](const PlaceFact& place) {
    return std::any_of(records.begin(), records.end(),
                       [&](const Association& record) { return contains(place.plan.missing, record); });
  });
}

std::optional<Report> lineage_needs_a_person(const HealthInput& input) {
  for (const CandidateFact& candidate : input.facts.candidates) {
    if (candidate_is_published(input, candidate) || (input.hands.timer && input.hands.by_hand.empty())) continue;
    return report(Health::attention, "publish the records of the candidate",
                  fmt::format("certbot has a chain with the key {}, which waits for them", candidate.keys.key.sha256));
  }
  if (input.facts.certbot && input.lineage.stages_keys()) {
    const Certificate& certbots = input.facts.certbot->chain.leaf();
    const auto named = check_hosts(certbots, input.facts.deployed->chain.leaf(), input.lineage);
    if (!named) return report(Health::attention, named.error().hint, named.error().what);
  }
  if (!input.facts.state.hook_error.empty()) {
    return report(Health::attention, "mend what made certbot's deploy hook fail", input.facts.state.hook_error);
  }
  const Certificate& leaf = input.facts.deployed->chain.leaf();
  if (leaf.not_after - input.now < end_margins(input.limits, leaf.not_after - leaf.not_before).warning) {
    const bool by_itself = !input.facts.certbot || input.facts.certbot->renewal.automatic;
    return report(Health::attention,
                  by_itself ? std::string("let certbot renew the certificate")
                            : "certbot renew --force-renewal --cert-name " + input.lineage.name,
                  fmt::format("the deployed certificate ends {}", to_rfc3339(leaf.not_after)));
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
  if (auto found = files_need_a_person(input.facts)) return *found;
  if (auto found = dns_is_silent(input)) return *found;
  if (auto found = dns_needs_a_person(input)) return *found;
  if (auto found = alias_needs_a_person(input)) return *found;
  if (auto found = certbot_needs_a_person(input)) return *found;
  const Step step = as_far_as_can_be_told(input);
  if (input.facts.state.pending.reload_since && !input.lineage.reload.empty()) return {Health::attention, step};
  const bool resting = step.kind == StepKind::wait || step.kind == StepKind::nothing;
  if (any_missing(input.facts) && !input.facts.state.publish_error.empty()) {
    return report(Health::attention, "mend publishing", input.facts.state.publish_error);
  }
  if (!resting && !done_by_run(input, step.kind)) return {Health::attention, step};
  if (auto found = lineage_needs_a_person(input)) return *found;
  return {step.kind == StepKind::nothing ? Health::ok : Health::waiting, step};
}

}  // namespace danectl
