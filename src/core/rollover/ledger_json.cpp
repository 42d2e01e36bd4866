#include "core/rollover/ledger_json.hpp"

#include "core/rollover/json_values.hpp"

#include <stdexcept>

namespace danectl {
namespace {

Json to_json(const Version& version) {
  if (version.kind == Version::Kind::unheard) return {{"unheard", true}, {"ttl", version.ttl.count()}};
  if (version.kind == Version::Kind::alias) return {{"alias", version.alias->text()}, {"ttl", version.ttl.count()}};
  return {{"records", danectl::to_json(version.records)},
          {"wildcard", version.from_wildcard},
          {"ttl", version.ttl.count()}};
}

Version version_from(const Json& json) {
  Version version;
  version.ttl = ttl_from(json.at("ttl"));
  if (json.contains("unheard")) {
    version.kind = Version::Kind::unheard;
  } else if (json.contains("alias")) {
    version.kind = Version::Kind::alias;
    version.alias = name_from(json.at("alias"));
  } else {
    version.records = rrset_from(json.at("records"));
    version.from_wildcard = json.at("wildcard").get<bool>();
  }
  return version;
}

Json to_json(const AskedFor& asked) {
  Json before = Json::array();
  for (const RRset& rrset : asked.before) before.push_back(danectl::to_json(rrset));
  return {{"records", danectl::to_json(asked.records)}, {"ttl", asked.ttl.count()}, {"before", before}};
}

AskedFor asked_from(const Json& json) {
  AskedFor asked{rrset_from(json.at("records")), ttl_from(json.at("ttl")), {}};
  for (const Json& rrset : json.at("before")) asked.before.push_back(rrset_from(rrset));
  return asked;
}

Ledger ledger_from(const Json& json) {
  if (json.at("version").get<int>() != 1) throw std::runtime_error("it is of another version");
  Ledger ledger;
  ledger.name = name_from(json.at("owner"));
  ledger.servers.reserve(json.at("servers").size());
  for (const Json& server : json.at("servers")) {
    ledger.servers.push_back({name_from(server.at("server")), server.at("address").get<std::string>(),
                              version_from(server.at("last")), ttl_from(server.at("delegation_ttl")),
                              server.value("by_parent_alone", false), optional_since_from(server.at("left"))});
  }
  ledger.ended.reserve(json.at("ended").size());
  for (const Json& ended : json.at("ended")) {
    ledger.ended.push_back({version_from(ended.at("version")), since_from(ended.at("until"))});
  }
  for (const Json& asked : json.at("asked")) ledger.asked.push_back(asked_from(asked));
  if (const Json& resolver = json.at("resolver"); !resolver.is_null()) ledger.resolver = version_from(resolver);
  ledger.came_back = json.at("came_back").get<bool>();
  return ledger;
}

constexpr const char* otherwise =
    "put it back from a backup, or move it away: the ledger then begins anew, and nothing is deployed before two TTLs "
    "are over";

}  // namespace

std::string write_ledger(const Ledger& ledger) {
  Json servers = Json::array();
  for (const ServerMemory& server : ledger.servers) {
    servers.push_back({{"server", server.server.text()},
                       {"address", server.address},
                       {"last", to_json(server.last)},
                       {"delegation_ttl", server.delegation_ttl.count()},
                       {"by_parent_alone", server.by_parent_alone},
                       {"left", danectl::to_json(server.left)}});
  }
  Json ended = Json::array();
  for (const EndedVersion& one : ledger.ended) {
    ended.push_back({{"version", to_json(one.version)}, {"until", danectl::to_json(one.until)}});
  }
  Json asked = Json::array();
  for (const AskedFor& one : ledger.asked) asked.push_back(to_json(one));
  return write_document({{"version", 1},
                         {"owner", ledger.name.text()},
                         {"servers", servers},
                         {"ended", ended},
                         {"asked", asked},
                         {"resolver", ledger.resolver ? to_json(*ledger.resolver) : Json(nullptr)},
                         {"came_back", ledger.came_back}});
}

Result<Ledger> read_ledger(std::string_view json, const std::string& path) {
  return read_document<Ledger>(json, path, 1, otherwise,
                               [](const Json& document) -> Result<Ledger> { return ledger_from(document); });
}

}  // namespace danectl
