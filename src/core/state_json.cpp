#include "core/state.hpp"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <stdexcept>

// A document of another version or with a value of another kind is refused whole: a state that is half understood could
// lose the memory of a record that is still needed.
namespace danectl {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
T need(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what);
  return std::move(result).value();
}

Json to_json(const Instant& instant) {
  return {{"wall", to_rfc3339_ms(instant.wall)}, {"boot_ms", instant.since_boot.count()}, {"boot", instant.boot_id}};
}

Instant instant_from(const Json& json) {
  return {need(parse_rfc3339(json.at("wall").get<std::string>())), Milliseconds{json.at("boot_ms").get<std::int64_t>()},
          json.at("boot").get<std::string>()};
}

Json to_json(const KeyId& key) {
  return {{"sha256", key.sha256}, {"sha512", key.sha512}, {"type", to_text(key.type)}};
}

KeyId key_from(const Json& json) {
  KeyId key{json.at("sha256").get<std::string>(), json.at("sha512").get<std::string>(), KeyType::other};
  if (key.sha256.size() != 64 || key.sha512.size() != 128) throw std::runtime_error("a digest of another length");
  const auto type = parse_key_type(json.at("type").get<std::string>());
  if (type) key.type = *type;
  return key;
}

DnsName name_from(const Json& json) {
  return need(DnsName::parse(json.get<std::string>()));
}
Association association_from(const Json& json) {
  return need(Association::parse(json.get<std::string>()));
}
WallTime time_from(const Json& json) {
  return need(parse_rfc3339(json.get<std::string>()));
}

std::vector<DnsName> names_from(const Json& json) {
  std::vector<DnsName> names;
  for (const Json& name : json) names.push_back(name_from(name));
  return names;
}

Json to_json(const std::vector<DnsName>& names) {
  Json json = Json::array();
  for (const DnsName& name : names) json.push_back(name.text());
  return json;
}

Json to_json(const OwnerLedger& ledger) {
  Json zones = Json::array();
  for (const ZoneServers& zone : ledger.zones) {
    zones.push_back({{"apex", zone.apex.text()}, {"servers", to_json(zone.servers)}, {"ns_ttl", zone.ns_ttl.count()}});
  }
  Json ttls = Json::array();
  for (const Seconds ttl : ledger.ttls) ttls.push_back(ttl.count());
  Json past = Json::array();
  for (const TtlSample& sample : ledger.past_ttls) {
    past.push_back({{"ttl", sample.ttl.count()}, {"until", to_json(sample.until)}});
  }
  Json visible = Json::array();
  for (const LedgerEntry& entry : ledger.visible) {
    visible.push_back({{"record", entry.association.text()}, {"visible_since", to_json(entry.visible_since)}});
  }
  return {{"owner", ledger.owner.text()},
          {"chain", to_json(ledger.chain)},
          {"zones", zones},
          {"ttls", ttls},
          {"past_ttls", past},
          {"visible", visible}};
}

OwnerLedger ledger_from(const Json& json) {
  OwnerLedger ledger;
  ledger.owner = name_from(json.at("owner"));
  ledger.chain = names_from(json.at("chain"));
  for (const Json& zone : json.at("zones")) {
    ledger.zones.push_back(
        {name_from(zone.at("apex")), names_from(zone.at("servers")), Seconds{zone.at("ns_ttl").get<std::int64_t>()}});
  }
  for (const Json& ttl : json.at("ttls")) ledger.ttls.emplace_back(ttl.get<std::int64_t>());
  for (const Json& sample : json.at("past_ttls")) {
    ledger.past_ttls.push_back({Seconds{sample.at("ttl").get<std::int64_t>()}, instant_from(sample.at("until"))});
  }
  for (const Json& entry : json.at("visible")) {
    ledger.visible.push_back({association_from(entry.at("record")), instant_from(entry.at("visible_since"))});
  }
  return ledger;
}

Json to_json(const std::optional<CurrentKey>& current) {
  if (!current) return nullptr;
  return {{"key", to_json(current->key)},
          {"generation", current->generation},
          {"fingerprint", current->fingerprint},
          {"not_after", to_rfc3339_ms(current->not_after)},
          {"since", to_json(current->since)}};
}

Json to_json(const std::optional<NextKey>& next) {
  if (!next) return nullptr;
  return {{"key", to_json(next->key)}, {"staged_at", to_json(next->staged_at)}};
}

Json to_json(const std::vector<CandidateKey>& candidates) {
  Json json = Json::array();
  for (const CandidateKey& candidate : candidates) {
    json.push_back({{"key", to_json(candidate.key)},
                    {"fingerprint", candidate.fingerprint},
                    {"not_before", to_rfc3339_ms(candidate.not_before)},
                    {"not_after", to_rfc3339_ms(candidate.not_after)},
                    {"since", to_json(candidate.since)}});
  }
  return json;
}

Json to_json(const std::vector<RetiringRecord>& retiring) {
  Json json = Json::array();
  for (const RetiringRecord& record : retiring) {
    json.push_back(
        {{"owner", record.owner.text()}, {"record", record.association.text()}, {"since", to_json(record.since)}});
  }
  return json;
}

Json to_json(const std::optional<Instant>& instant) {
  return instant ? to_json(*instant) : Json(nullptr);
}

std::optional<Instant> optional_instant_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return instant_from(json);
}

State state_from(const Json& json) {
  if (json.at("version").get<int>() != 1) throw std::runtime_error("it is of another version");
  State state;
  state.name = json.at("name").get<std::string>();
  if (const Json& current = json.at("current"); !current.is_null()) {
    state.current = CurrentKey{key_from(current.at("key")), current.at("generation").get<unsigned>(),
                               current.at("fingerprint").get<std::string>(), time_from(current.at("not_after")),
                               instant_from(current.at("since"))};
  }
  if (const Json& next = json.at("next"); !next.is_null()) {
    state.next = NextKey{key_from(next.at("key")), instant_from(next.at("staged_at"))};
  }
  for (const Json& candidate : json.at("candidates")) {
    state.candidates.push_back({key_from(candidate.at("key")), candidate.at("fingerprint").get<std::string>(),
                                time_from(candidate.at("not_before")), time_from(candidate.at("not_after")),
                                instant_from(candidate.at("since"))});
  }
  for (const Json& record : json.at("retiring")) {
    state.retiring.push_back(
        {name_from(record.at("owner")), association_from(record.at("record")), instant_from(record.at("since"))});
  }
  state.past_keys = json.at("past_keys").get<std::vector<std::string>>();
  state.pending.reload_since = optional_instant_from(json.at("reload_pending_since"));
  state.pending.certbot_hooks_since = optional_instant_from(json.at("certbot_hooks_pending_since"));
  state.pending.stage_since = optional_instant_from(json.at("stage_pending_since"));
  state.hook_error = json.at("hook_error").get<std::string>();
  for (const Json& ledger : json.at("ledgers")) state.ledgers.push_back(ledger_from(ledger));
  return state;
}

}  // namespace

std::string write_state(const State& state) {
  Json ledgers = Json::array();
  for (const OwnerLedger& ledger : state.ledgers) ledgers.push_back(to_json(ledger));
  const Json json{{"version", 1},
                  {"name", state.name},
                  {"current", to_json(state.current)},
                  {"next", to_json(state.next)},
                  {"candidates", to_json(state.candidates)},
                  {"retiring", to_json(state.retiring)},
                  {"past_keys", state.past_keys},
                  {"reload_pending_since", to_json(state.pending.reload_since)},
                  {"certbot_hooks_pending_since", to_json(state.pending.certbot_hooks_since)},
                  {"stage_pending_since", to_json(state.pending.stage_since)},
                  {"hook_error", state.hook_error},
                  {"ledgers", ledgers}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<State> read_state(std::string_view json, const std::string& path) {
  try {
    return state_from(Json::parse(json));
  } catch (const std::exception& e) {
    return failed(fmt::format("{} is not a state danectl wrote: {}", path, e.what()),
                  "move it away: the ledger then begins anew, and records of keys before the present one are reported "
                  "as unknown");
  }
}

}  // namespace danectl
