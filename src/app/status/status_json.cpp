#include "app/status/status_json.hpp"

#include "app/status/status_servers.hpp"

#include <nlohmann/json.hpp>

namespace danectl {
namespace {

using Json = nlohmann::ordered_json;

Json time_or_null(const std::optional<WallTime>& time) {
  return time ? Json(to_rfc3339(*time)) : Json(nullptr);
}
Json time_or_null(const std::optional<Instant>& time) {
  return time ? Json(to_rfc3339(time->wall)) : Json(nullptr);
}

Json associations(const LineageView& view, const ChainKeys& keys) {
  Json list = Json::array();
  for (const DnsName& owner : view.lineage.tlsa) {
    for (const Association& association : associations_of(keys, view.lineage.profile)) {
      list.push_back({{"owner", owner.text()}, {"record", association.text()}});
    }
  }
  return list;
}

Json current(const LineageView& view) {
  if (!view.facts.deployed) return nullptr;
  const Certificate& leaf = view.facts.deployed->chain.leaf();
  const std::optional<CurrentKey>& known = view.facts.state.current;
  const bool same = known && known->key == leaf.key;
  const ChainKeys keys = keys_of_deployed(view.facts.deployed->chain, view.lineage, view.facts.state);
  return {{"associations", associations(view, keys)},
          {"not_after", to_rfc3339(leaf.not_after)},
          {"generation", view.facts.deployed->generation},
          {"since", same ? Json(to_rfc3339(known->since.wall)) : Json(nullptr)}};
}

Json next(const LineageView& view) {
  if (!view.facts.next) return nullptr;
  const NextFact& fact = *view.facts.next;
  const bool asked = !view.look.owners.empty();
  const std::optional<NextKey>& known = view.facts.state.next;
  const bool same = known && known->key == fact.key;
  return {{"state", asked ? Json(to_text(fact.way.stage)) : Json(nullptr)},
          {"associations", associations(view, keys_of_next(fact, view.lineage))},
          {"staged_at", same ? Json(to_rfc3339(known->staged_at.wall)) : Json(nullptr)},
          {"visible_since", asked ? time_or_null(fact.way.visible_since) : Json(nullptr)},
          {"ready_at", asked ? time_or_null(fact.way.ready_at) : Json(nullptr)}};
}

Json candidate(const LineageView& view, const ChainKeys& keys, const char* from, WallTime not_after,
               const Readiness& way) {
  return {{"spki", keys.key.sha256},
          {"from", from},
          {"not_after", to_rfc3339(not_after)},
          {"associations", associations(view, keys)},
          {"visible_since", view.look.owners.empty() ? Json(nullptr) : time_or_null(way.visible_since)},
          {"ready_at", view.look.owners.empty() ? Json(nullptr) : time_or_null(way.ready_at)}};
}

// One for the next key, too, once it is issued: by an issuer whose records have to be ready as well.
Json candidates(const LineageView& view) {
  Json list = Json::array();
  for (std::size_t i = 0; i < view.facts.candidates.size(); ++i) {
    const CandidateFact& fact = view.facts.candidates[i];
    list.push_back(candidate(view, fact.keys, "certbot", view.facts.state.candidates[i].not_after, fact.way));
  }
  const auto& next = view.facts.next;
  if (next && next->issued && view.lineage.names_issuers()) {
    const ChainKeys keys = keys_of_next(*next, view.lineage);
    list.push_back(candidate(view, keys, "issued", next->issued->chain.leaf().not_after, next->way));
  }
  return list;
}

Json retiring(const LineageView& view) {
  Json list = Json::array();
  for (const PlaceFact& place : view.facts.places) {
    for (const DnsName& owner : place.owners) {
      for (const RetiringFact& one : place.retiring) {
        list.push_back({{"owner", owner.text()},
                        {"record", one.record.text()},
                        {"since", one.since ? Json(to_rfc3339(one.since->wall)) : Json(nullptr)}});
      }
    }
  }
  return list;
}

Json server(const ServerView& view) {
  const bool left_out = view.verdict == ServerView::Verdict::left_out;
  return {{"name", view.name.text()},
          {"address", view.address.empty() ? Json(nullptr) : Json(view.address)},
          {"ok", left_out ? Json(nullptr) : Json(view.verdict == ServerView::Verdict::has_all)},
          {"why", view.why.empty() ? Json(nullptr) : Json(view.why)}};
}

// The TTL and the records that validated answers of the servers agree on; where they differ, the largest and all.
Json owner(const LineageView& view, const OwnerLook& look) {
  Json records = Json::array();
  std::optional<Seconds> ttl;
  for (const ServerAnswer& answer : look.answers) {
    if (!is_validated(answer) || answer.qname != look.canonical() || answer.cname) continue;
    ttl = std::max(ttl.value_or(Seconds{0}), answer.ttl);
    for (const Association& association : answer.records) {
      const Json text = association.text();
      if (std::find(records.begin(), records.end(), text) == records.end()) records.push_back(text);
    }
  }
  Json servers = Json::array();
  for (const ServerView& one : servers_of(view, look)) servers.push_back(server(one));
  return {{"name", look.owner.text()},      {"canonical", look.canonical().text()},
          {"dnssec", to_text(look.dnssec)}, {"ttl", ttl ? Json(ttl->count()) : Json(nullptr)},
          {"records", std::move(records)},  {"servers", std::move(servers)}};
}

Json owners(const LineageView& view) {
  Json list = Json::array();
  for (const OwnerLook& look : view.look.owners) list.push_back(owner(view, look));
  if (!view.look.owners.empty()) return list;
  for (const DnsName& name : view.lineage.tlsa) {
    list.push_back({{"name", name.text()},
                    {"canonical", nullptr},
                    {"dnssec", nullptr},
                    {"ttl", nullptr},
                    {"records", nullptr},
                    {"servers", nullptr}});
  }
  return list;
}

// Without DNS "ok" and "waiting" would be guesses.
Json state(const LineageView& view) {
  const Health health = view.report.health;
  if (view.look.owners.empty() && (health == Health::ok || health == Health::waiting)) return nullptr;
  return to_text(health);
}

}  // namespace

nlohmann::ordered_json status_json(const LineageView& view) {
  const State& known = view.facts.state;
  const Step& step = view.report.action;
  return {{"name", view.lineage.name},
          {"state", state(view)},
          {"current", current(view)},
          {"next", next(view)},
          {"candidates", candidates(view)},
          {"retiring", retiring(view)},
          {"owners", owners(view)},
          {"reload_pending_since", time_or_null(known.pending.reload_since)},
          {"next_attempt_at", time_or_null(next_attempt(view.facts, view.now))},
          {"hook_error", known.hook_error.empty() ? Json(nullptr) : Json(known.hook_error)},
          {"action", {{"what", step.what}, {"when", time_or_null(step.when)}, {"why", step.why}}}};
}

}  // namespace danectl
