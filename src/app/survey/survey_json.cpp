#include "app/survey/survey_json.hpp"

#include "app/survey/survey_words.hpp"
#include "core/base/foreign_text.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace danectl {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kinds{MailDomain::Kind::exchanges, MailDomain::Kind::implicit, MailDomain::Kind::null_mx,
                           MailDomain::Kind::none, MailDomain::Kind::unknown};
constexpr std::array secureness{Dnssec::secure, Dnssec::insecure, Dnssec::bogus, Dnssec::unknown};
constexpr std::array host_ways{HostWay::dane, HostWay::encrypted, HostWay::without,
                               HostWay::held, HostWay::unknown,   HostWay::nowhere};
constexpr std::array verdicts{Knock::Verdict::verified, Knock::Verdict::mismatch, Knock::Verdict::no_handshake,
                              Knock::Verdict::not_probed};

Json text_or_null(std::string_view text) {
  return text.empty() ? Json(nullptr) : Json(one_line(text));
}

Json json_of(const RRset& records) {
  Json array = Json::array();
  for (const Association& record : records) array.push_back(record.text());
  return array;
}

Json json_of(const Knock& knock) {
  return {{"verdict", to_text(knock.verdict)},
          {"address", text_or_null(knock.address)},
          {"why", text_or_null(knock.why)},
          {"served", json_of(knock.served)},
          {"mixed", knock.mixed}};
}

Json json_of(const SurveyedHost& host) {
  Json faults = Json::array();
  for (const RecordFault fault : faults_of(host)) faults.push_back(to_text(fault));
  Json aliases = Json::array();
  for (const DnsName& alias : host.aliases) aliases.push_back(alias.text());
  return {{"preference", host.preference},
          {"host", host.host.text()},
          {"way", to_text(host.way)},
          {"dnssec", to_text(host.dnssec)},
          {"why", text_or_null(host.why)},
          {"addresses", host.addresses},
          {"aliases", std::move(aliases)},
          {"owner", host.owner ? Json(host.owner->text()) : Json(nullptr)},
          {"owner_dnssec", host.owner ? Json(to_text(host.owner_dnssec)) : Json(nullptr)},
          {"owner_why", text_or_null(host.owner_why)},
          {"records", json_of(host.records)},
          {"faults", std::move(faults)},
          {"shared", host.shared},
          {"probe", host.knock ? json_of(*host.knock) : Json(nullptr)}};
}

Json beginning_of(const ListEntry& entry) {
  Json json{{"version", 1}, {"line", entry.number}};
  if (entry.fault.empty()) {
    json["domain"] = entry.domain.text();
  } else {
    json["error"] = one_line(entry.fault);
  }
  return json;
}

// Exceptions of the library come here: what is missing or of another type.
template <class Value, std::size_t size>
Value value_of(const Json& json, const std::array<Value, size>& values) {
  for (const Value value : values) {
    if (json.get<std::string_view>() == to_text(value)) return value;
  }
  throw std::invalid_argument("unknown word");
}

DnsName name_of(const Json& json) {
  return DnsName::parse(json.get<std::string_view>()).value();
}

// Not by Association::parse, which refuses what a name server may give all the same.
RRset records_of(const Json& json) {
  RRset records;
  for (const Json& element : json) {
    const auto& text = element.get_ref<const std::string&>();
    const std::size_t blank = text.rfind(' ');
    records.push_back({Group::parse(text.substr(0, blank)).value(), text.substr(blank + 1)});
  }
  return records;
}

Knock knock_of(const Json& json) {
  Knock knock;
  knock.verdict = value_of(json.at("verdict"), verdicts);
  knock.served = records_of(json.at("served"));
  knock.mixed = json.at("mixed").get<bool>();
  return knock;
}

SurveyedHost host_of(const Json& json) {
  SurveyedHost host;
  host.host = name_of(json.at("host"));
  host.preference = json.at("preference").get<std::uint16_t>();
  host.way = value_of(json.at("way"), host_ways);
  host.dnssec = value_of(json.at("dnssec"), secureness);
  host.records = records_of(json.at("records"));
  if (!json.at("probe").is_null()) host.knock = knock_of(json.at("probe"));
  return host;
}

SurveyLine line_of(const Json& json) {
  SurveyLine line;
  if (json.at("version").get<int>() != 1) throw std::invalid_argument("unknown version");
  line.number = json.at("line").get<std::uint64_t>();
  if (json.contains("error")) {
    line.fault = json.at("error").get<std::string>();
    return line;
  }
  line.domain.name = name_of(json.at("domain"));
  line.domain.kind = value_of(json.at("mx"), kinds);
  line.domain.dnssec = value_of(json.at("dnssec"), secureness);
  for (const Json& host : json.at("exchanges")) {
    line.hosts.push_back(host_of(host));
    line.domain.exchanges.push_back({line.hosts.back().preference, line.hosts.back().host});
  }
  line.domain.exchanges_left_out = json.value("exchanges_left_out", std::size_t{0});
  return line;
}

}  // namespace

std::string json_beginning(const ListEntry& entry) {
  std::string text = beginning_of(entry).dump();
  text.pop_back();
  return text;
}

std::string json_line(const SurveyLine& line) {
  Json json = beginning_of({line.number, line.domain.name, line.fault});
  if (!line.fault.empty()) return json.dump() + "\n";
  json["way"] = to_text(way_of(line));
  json["mx"] = to_text(line.domain.kind);
  json["dnssec"] = to_text(line.domain.dnssec);
  json["why"] = text_or_null(line.domain.why);
  json["exchanges"] = Json::array();
  for (const SurveyedHost& host : line.hosts) json["exchanges"].push_back(json_of(host));
  json["exchanges_left_out"] = line.domain.exchanges_left_out;
  json["unusable_exchanges"] = Json::array();
  for (const std::string& name : line.domain.unusable_exchanges) json["unusable_exchanges"].push_back(one_line(name));
  return json.dump() + "\n";
}

Result<SurveyLine> read_json_line(std::string_view text) {
  try {
    return line_of(Json::parse(text));
  } catch (const std::exception& error) {
    return invalid(error.what());
  }
}

}  // namespace danectl
