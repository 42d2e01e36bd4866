#include "core/rollover/state_json.hpp"

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

// A whole number within bounds: beyond them sums of times would overflow.
std::int64_t number_from(const Json& json, std::int64_t most) {
  if (!json.is_number_integer() || (json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t(most))) {
    throw std::runtime_error("a number out of its bounds");
  }
  const auto number = json.get<std::int64_t>();
  if (number < 0 || number > most) throw std::runtime_error("a number out of its bounds");
  return number;
}

// RFC 2181 section 8.
Seconds ttl_from(const Json& json) {
  return Seconds{number_from(json, 0x7fffffff)};
}

Instant instant_from(const Json& json) {
  constexpr std::int64_t longest_uptime_ms = 1'000'000'000'000'000;
  return {need(parse_rfc3339(json.at("wall").get<std::string>())),
          Milliseconds{number_from(json.at("boot_ms"), longest_uptime_ms)}, json.at("boot").get<std::string>()};
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
  Json groups = Json::array();
  for (const Group& group : ledger.groups) groups.push_back(group.text());
  Json past_groups = Json::array();
  for (const GroupSample& sample : ledger.past_groups) {
    past_groups.push_back(
        {{"group", sample.group.text()}, {"ttl", sample.ttl.count()}, {"until", to_json(sample.until)}});
  }
  Json visible = Json::array();
  for (const LedgerEntry& entry : ledger.visible) {
    visible.push_back({{"record", entry.association.text()}, {"visible_since", to_json(entry.visible_since)}});
  }
  Json withdrawn = Json::array();
  for (const Association& association : ledger.withdrawn) withdrawn.push_back(association.text());
  return {{"owner", ledger.owner.text()},
          {"chain", to_json(ledger.chain)},
          {"zones", zones},
          {"ttls", ttls},
          {"past_ttls", past},
          {"visible", visible},
          {"groups", groups},
          {"past_groups", past_groups},
          {"withdrawn", withdrawn}};
}

OwnerLedger ledger_from(const Json& json) {
  OwnerLedger ledger;
  ledger.owner = name_from(json.at("owner"));
  ledger.chain = names_from(json.at("chain"));
  for (const Json& zone : json.at("zones")) {
    ledger.zones.push_back({name_from(zone.at("apex")), names_from(zone.at("servers")), ttl_from(zone.at("ns_ttl"))});
  }
  for (const Json& ttl : json.at("ttls")) ledger.ttls.push_back(ttl_from(ttl));
  for (const Json& sample : json.at("past_ttls")) {
    ledger.past_ttls.push_back({ttl_from(sample.at("ttl")), instant_from(sample.at("until"))});
  }
  for (const Json& entry : json.at("visible")) {
    ledger.visible.push_back({association_from(entry.at("record")), instant_from(entry.at("visible_since"))});
  }
  for (const Json& group : json.value("groups", Json::array())) {
    ledger.groups.push_back(need(Group::parse(group.get<std::string>())));
  }
  for (const Json& sample : json.value("past_groups", Json::array())) {
    ledger.past_groups.push_back({need(Group::parse(sample.at("group").get<std::string>())), ttl_from(sample.at("ttl")),
                                  instant_from(sample.at("until"))});
  }
  for (const Json& record : json.value("withdrawn", Json::array())) {
    ledger.withdrawn.push_back(association_from(record));
  }
  return ledger;
}

Json to_json(const std::optional<Instant>& instant) {
  return instant ? to_json(*instant) : Json(nullptr);
}

Json to_json(const std::optional<KeyId>& key) {
  return key ? to_json(*key) : Json(nullptr);
}

Json to_json(const std::optional<CurrentKey>& current) {
  if (!current) return nullptr;
  return {{"key", to_json(current->key)},        {"generation", current->generation},
          {"fingerprint", current->fingerprint}, {"not_after", to_rfc3339_ms(current->not_after)},
          {"since", to_json(current->since)},    {"anchor", to_json(current->anchor)}};
}

Json to_json(const std::optional<NextKey>& next) {
  if (!next) return nullptr;
  return {{"key", to_json(next->key)}, {"staged_at", to_json(next->staged_at)}, {"anchor", to_json(next->anchor)}};
}

Json to_json(const std::vector<CandidateKey>& candidates) {
  Json json = Json::array();
  for (const CandidateKey& candidate : candidates) {
    json.push_back({{"key", to_json(candidate.key)},
                    {"fingerprint", candidate.fingerprint},
                    {"not_before", to_rfc3339_ms(candidate.not_before)},
                    {"not_after", to_rfc3339_ms(candidate.not_after)},
                    {"since", to_json(candidate.since)},
                    {"anchor", to_json(candidate.anchor)},
                    {"copy", candidate.copy}});
  }
  return json;
}

Json to_json(const std::vector<KeyId>& keys) {
  Json json = Json::array();
  for (const KeyId& key : keys) json.push_back(to_json(key));
  return json;
}

Json to_json(const std::vector<RetiringRecord>& retiring) {
  Json json = Json::array();
  for (const RetiringRecord& record : retiring) {
    json.push_back({{"owner", record.owner.text()},
                    {"record", record.association.text()},
                    {"since", to_json(record.since)},
                    {"served", record.served == Served::perhaps},
                    {"reloaded_at", to_json(record.reloaded_at)},
                    {"key", to_json(record.key)},
                    {"decided", record.decided}});
  }
  return json;
}

Json to_json(const std::optional<Refusals>& refusals) {
  if (!refusals) return nullptr;
  return {{"count", refusals->count}, {"last", to_json(refusals->last)}};
}

std::optional<Instant> optional_instant_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return instant_from(json);
}

std::optional<KeyId> optional_key_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return key_from(json);
}

RetiringRecord retiring_from(const Json& json) {
  return {name_from(json.at("owner")),
          association_from(json.at("record")),
          instant_from(json.at("since")),
          json.value("served", true) ? Served::perhaps : Served::never,
          optional_instant_from(json.value("reloaded_at", Json())),
          optional_key_from(json.value("key", Json())),
          json.value("decided", false)};
}

std::optional<Refusals> refusals_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return Refusals{static_cast<unsigned>(number_from(json.at("count"), 1'000'000)), instant_from(json.at("last"))};
}

State state_from(const Json& json) {
  if (json.at("version").get<int>() != 1) throw std::runtime_error("it is of another version");
  State state;
  state.name = json.at("name").get<std::string>();
  if (const Json& current = json.at("current"); !current.is_null()) {
    state.current = CurrentKey{key_from(current.at("key")),
                               current.at("generation").get<unsigned>(),
                               current.at("fingerprint").get<std::string>(),
                               time_from(current.at("not_after")),
                               instant_from(current.at("since")),
                               optional_key_from(current.value("anchor", Json()))};
  }
  if (const Json& next = json.at("next"); !next.is_null()) {
    state.next = NextKey{key_from(next.at("key")), instant_from(next.at("staged_at")),
                         optional_key_from(next.value("anchor", Json()))};
  }
  for (const Json& candidate : json.at("candidates")) {
    KeyId key = key_from(candidate.at("key"));
    std::string copy = candidate.value("copy", key.sha256);
    if (copy.find('/') != std::string::npos || copy.starts_with('.')) throw std::runtime_error("a copy elsewhere");
    state.candidates.push_back({std::move(key), candidate.at("fingerprint").get<std::string>(),
                                time_from(candidate.at("not_before")), time_from(candidate.at("not_after")),
                                instant_from(candidate.at("since")),
                                optional_key_from(candidate.value("anchor", Json())), std::move(copy)});
  }
  for (const Json& issuer : json.value("issuers", Json::array())) state.issuers.push_back(key_from(issuer));
  for (const Json& record : json.at("retiring")) state.retiring.push_back(retiring_from(record));
  state.past_keys = json.at("past_keys").get<std::vector<std::string>>();
  state.past_anchors = json.value("past_anchors", std::vector<std::string>());
  state.pending.reload_since = optional_instant_from(json.at("reload_pending_since"));
  state.pending.certbot_hooks_since = optional_instant_from(json.at("certbot_hooks_pending_since"));
  state.pending.stage_since = optional_instant_from(json.at("stage_pending_since"));
  // What is read with a default was not in the states of 0.1.0.
  state.ca_refusals = refusals_from(json.value("ca_refusals", Json()));
  state.hook_error = json.at("hook_error").get<std::string>();
  state.publish_error = json.value("publish_error", std::string());
  for (const Json& ledger : json.at("ledgers")) state.ledgers.push_back(ledger_from(ledger));
  return state;
}

// Without the library's own preamble, "[json.exception.out_of_range.403] ".
std::string fault_text(const Json::exception& e) {
  const std::string_view text = e.what();
  const auto preamble = text.find("] ");
  return std::string(preamble == std::string_view::npos ? text : text.substr(preamble + 2));
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
                  {"issuers", to_json(state.issuers)},
                  {"retiring", to_json(state.retiring)},
                  {"past_keys", state.past_keys},
                  {"past_anchors", state.past_anchors},
                  {"reload_pending_since", to_json(state.pending.reload_since)},
                  {"certbot_hooks_pending_since", to_json(state.pending.certbot_hooks_since)},
                  {"stage_pending_since", to_json(state.pending.stage_since)},
                  {"ca_refusals", to_json(state.ca_refusals)},
                  {"hook_error", state.hook_error},
                  {"publish_error", state.publish_error},
                  {"ledgers", ledgers}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<State> read_state(std::string_view json, const std::string& path) {
  const auto unusable = [&](const std::string& why) {
    return failed(fmt::format("{} is not a state danectl wrote: {}", path, why),
                  "put it back from a backup, or move it away: the ledger then begins anew, and records of keys before "
                  "the present one are reported as unknown");
  };
  const Json document = Json::parse(json, nullptr, false);
  if (document.is_discarded()) return unusable("it is cut short, or no JSON at all");
  if (!document.is_object()) return unusable("it is no JSON object");
  const Json version = document.value("version", Json());
  if (version.is_number_integer() && version > 1) {
    return failed(fmt::format("{} is of version {}, which a newer danectl wrote", path, version.dump()),
                  "upgrade this danectl; nothing was touched");
  }
  try {
    return state_from(document);
  } catch (const Json::out_of_range& e) {
    return unusable(fault_text(e));  // "key 'next' not found"
  } catch (const Json::exception&) {
    return unusable("a value is of another kind than danectl writes");
  } catch (const std::exception& e) {
    return unusable(e.what());
  }
}

}  // namespace danectl
