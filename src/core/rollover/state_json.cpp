#include "core/rollover/state_json.hpp"

#include "core/base/foreign_text.hpp"
#include "core/rollover/json_values.hpp"

#include <set>
#include <stdexcept>

// A document of another version or with a value of another kind is refused whole: a state that is half understood could
// lose the memory of a record that is still needed.
namespace danectl {
namespace {

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

Json to_json(const std::vector<PresentedGeneration>& presented) {
  Json json = Json::array();
  for (const PresentedGeneration& one : presented) {
    json.push_back(
        {{"generation", one.number},
         {"live", one.seen == PresentedGeneration::Seen::live},
         {"reloaded_at", to_json(one.reloaded_at)},
         {"reloaded_by", one.reloaded_by == PresentedGeneration::ReloadedBy::command ? "command" : "nothing"},
         {"word", one.word == PresentedGeneration::Word::given}});
  }
  return json;
}

Json to_json(const std::vector<KnownKey>& known) {
  Json json = Json::array();
  for (const KnownKey& one : known) {
    json.push_back({{"key", to_json(one.key)},
                    {"names", one.names == KnownKey::Names::issuer ? "issuer" : "server"},
                    {"deployed", one.deployed == KnownKey::Deployed::once},
                    {"unwanted_since", to_json(one.unwanted_since)}});
  }
  return json;
}

Json to_json(const std::optional<Refusals>& refusals) {
  if (!refusals) return nullptr;
  return {{"count", refusals->count}, {"last", to_json(refusals->last)}};
}

std::optional<Refusals> refusals_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return Refusals{static_cast<unsigned>(number_from(json.at("count"), 1'000'000)), instant_from(json.at("last"))};
}

unsigned generation_from(const Json& json) {
  return static_cast<unsigned>(number_from(json, 1'000'000'000));
}

PresentedGeneration presented_from(const Json& json) {
  return {generation_from(json.at("generation")),
          json.at("live").get<bool>() ? PresentedGeneration::Seen::live : PresentedGeneration::Seen::not_yet,
          optional_since_from(json.at("reloaded_at")),
          json.at("word").get<bool>() ? PresentedGeneration::Word::given : PresentedGeneration::Word::missing,
          json.value("reloaded_by", std::string()) == "command" ? PresentedGeneration::ReloadedBy::command
                                                                : PresentedGeneration::ReloadedBy::nothing};
}

KnownKey known_from(const Json& json) {
  const std::string names = json.at("names").get<std::string>();
  if (names != "issuer" && names != "server") throw std::runtime_error("a key that names neither server nor issuer");
  return {key_from(json.at("key")), names == "issuer" ? KnownKey::Names::issuer : KnownKey::Names::server,
          json.at("deployed").get<bool>() ? KnownKey::Deployed::once : KnownKey::Deployed::never,
          optional_instant_from(json.at("unwanted_since"))};
}

CandidateKey candidate_from(const Json& json) {
  KeyId key = key_from(json.at("key"));
  std::string copy = json.value("copy", key.sha256);
  if (copy.find('/') != std::string::npos || copy.starts_with('.')) throw std::runtime_error("a copy elsewhere");
  return {std::move(key),
          json.at("fingerprint").get<std::string>(),
          time_from(json.at("not_before")),
          time_from(json.at("not_after")),
          instant_from(json.at("since")),
          optional_key_from(json.value("anchor", Json())),
          std::move(copy)};
}

// A state of version 1 is taken as one that is older than the files: it has no generations that are presented, so that
// all that are on disk count, and every name server is new. Of the keys before, it knows those of retiring records.
void take_version_1(State& state, const Json& json) {
  for (const Json& ledger : json.at("ledgers")) state.owners.push_back(name_from(ledger.at("owner")));
  for (const Json& record : json.at("retiring")) {
    const std::optional<KeyId> key = optional_key_from(record.value("key", Json()));
    if (!key) continue;
    const bool of_issuer = record.at("record").get<std::string>().starts_with('2');
    state.known.push_back({*key, of_issuer ? KnownKey::Names::issuer : KnownKey::Names::server,
                           record.value("served", true) ? KnownKey::Deployed::once : KnownKey::Deployed::never,
                           instant_from(record.at("since"))});
  }
}

State state_from(const Json& json) {
  const int version = json.at("version").get<int>();
  if (version != 1 && version != 2) throw std::runtime_error("it is of another version");
  State state;
  state.name = json.at("name").get<std::string>();
  if (const Json& current = json.at("current"); !current.is_null()) {
    state.current = CurrentKey{key_from(current.at("key")),
                               generation_from(current.at("generation")),
                               current.at("fingerprint").get<std::string>(),
                               time_from(current.at("not_after")),
                               instant_from(current.at("since")),
                               optional_key_from(current.value("anchor", Json()))};
  }
  if (const Json& next = json.at("next"); !next.is_null()) {
    state.next = NextKey{key_from(next.at("key")), instant_from(next.at("staged_at")),
                         optional_key_from(next.value("anchor", Json()))};
  }
  for (const Json& candidate : json.at("candidates")) state.candidates.push_back(candidate_from(candidate));
  for (const Json& issuer : json.value("issuers", Json::array())) state.issuers.push_back(key_from(issuer));
  state.pending.reload_since = optional_instant_from(json.at("reload_pending_since"));
  state.pending.certbot_hooks_since = optional_instant_from(json.at("certbot_hooks_pending_since"));
  state.pending.stage_since = optional_instant_from(json.at("stage_pending_since"));
  state.pending.order_since = optional_instant_from(json.value("order_pending_since", Json()));
  state.ca_refusals = refusals_from(json.value("ca_refusals", Json()));
  state.hook_error = printable(json.at("hook_error").get<std::string>());
  state.publish_error = json.value("publish_error", std::string());
  if (version == 1) {
    take_version_1(state, json);
    return state;
  }
  for (const Json& owner : json.at("owners")) state.owners.push_back(name_from(owner));
  for (const Json& one : json.at("presented")) state.presented.push_back(presented_from(one));
  for (const Json& one : json.at("known")) state.known.push_back(known_from(one));
  return state;
}

constexpr const char* otherwise =
    "put it back from a backup, or move it away: what is deployed is then found in the files, and records of keys "
    "before the present one are reported as unknown";

Json to_json(const State& state) {
  Json owners = Json::array();
  for (const DnsName& owner : state.owners) owners.push_back(owner.text());
  return {{"version", 2},
          {"name", state.name},
          {"owners", owners},
          {"current", to_json(state.current)},
          {"presented", to_json(state.presented)},
          {"next", to_json(state.next)},
          {"candidates", to_json(state.candidates)},
          {"issuers", to_json(state.issuers)},
          {"known", to_json(state.known)},
          {"reload_pending_since", to_json(state.pending.reload_since)},
          {"certbot_hooks_pending_since", to_json(state.pending.certbot_hooks_since)},
          {"stage_pending_since", to_json(state.pending.stage_since)},
          {"order_pending_since", to_json(state.pending.order_since)},
          {"ca_refusals", to_json(state.ca_refusals)},
          {"hook_error", state.hook_error},
          {"publish_error", state.publish_error}};
}

std::string text_at(const Json& flat, const std::string& path) {
  return flat.contains(path) ? flat.at(path).dump() : "nothing";
}

}  // namespace

std::string write_state(const State& state) {
  return write_document(to_json(state));
}

Result<State> read_state(std::string_view json, const std::string& path) {
  return read_document<State>(json, path, 2, otherwise,
                              [](const Json& document) -> Result<State> { return state_from(document); });
}

std::vector<std::string> differences(const State& before, const State& after) {
  const Json old = to_json(before).flatten();
  const Json fresh = to_json(after).flatten();
  std::set<std::string> paths;
  for (const Json& flat : {old, fresh}) {
    for (const auto& [path, value] : flat.items()) paths.insert(path);
  }
  std::vector<std::string> lines;
  for (const std::string& path : paths) {
    const std::string was = text_at(old, path);
    const std::string is = text_at(fresh, path);
    if (was != is) lines.push_back(path + ": " + was + " -> " + is);
  }
  return lines;
}

}  // namespace danectl
