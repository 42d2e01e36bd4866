#include "app/check/check_json.hpp"

#include "app/check/check_words.hpp"
#include "core/base/foreign_text.hpp"

#include <nlohmann/json.hpp>

namespace danectl {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(std::string_view text) {
  return text.empty() ? Json(nullptr) : Json(one_line(text));
}

Json time_or_null(const std::optional<WallTime>& time) {
  return time ? Json(to_rfc3339(*time)) : Json(nullptr);
}

Json texts(const std::vector<std::string>& lines) {
  Json array = Json::array();
  for (const std::string& line : lines) array.push_back(one_line(line));
  return array;
}

Json json_of(const Finding& finding) {
  return {{"id", to_text(finding.id)},
          {"severity", to_text(finding.severity)},
          {"domain", text_or_null(finding.domain)},
          {"lineage", text_or_null(finding.lineage)},
          {"owner", text_or_null(finding.owner)},
          {"endpoint", text_or_null(finding.endpoint)},
          {"address", text_or_null(finding.address)},
          {"message", one_line(finding.message)},
          {"remedy", text_or_null(finding.remedy)}};
}

Json json_of(const EndpointView& endpoint) {
  Json groups = Json::array();
  for (const auto& [group, match] : endpoint.groups) groups.push_back({{"group", group.text()}, {"match", match}});
  return {{"lineage", text_or_null(endpoint.lineage)},
          {"owner", endpoint.url.owner().text()},
          {"endpoint", endpoint.url.text()},
          {"address", text_or_null(endpoint.address)},
          {"verdict", to_text(endpoint.verdict)},
          {"why", text_or_null(endpoint.why)},
          {"protocol", text_or_null(endpoint.protocol)},
          {"groups", std::move(groups)},
          {"not_after", time_or_null(endpoint.not_after)}};
}

Json json_of(const OwnerGauges& owner) {
  return {{"owner", owner.owner},
          {"dnssec", owner.dnssec},
          {"records", owner.records ? Json(*owner.records) : Json(nullptr)},
          {"ttl", owner.ttl ? Json(owner.ttl->count()) : Json(nullptr)},
          {"signature_ends", time_or_null(owner.signature_ends)},
          {"left_out", texts(owner.left_out)}};
}

Json json_of(const ExchangeView& view) {
  const TlsaAnswer* const answer = used_answer(view.host);
  Json aliases = Json::array();
  for (const DnsName& alias : view.host.seen.aliases) aliases.push_back(alias.text());
  Json records = Json::array();
  if (answer != nullptr) {
    for (const Association& record : answer->records) records.push_back(record.text());
  }
  return {{"preference", view.exchange.preference},
          {"host", view.exchange.host.text()},
          {"way", to_text(view.way)},
          {"dnssec", to_text(view.host.seen.addresses)},
          {"why", text_or_null(view.host.seen.why)},
          {"addresses", view.host.addresses},
          {"aliases", std::move(aliases)},
          {"owner", answer == nullptr ? Json(nullptr) : Json(answer->owner.text())},
          {"owner_dnssec", answer == nullptr ? Json(nullptr) : Json(to_text(answer->dnssec))},
          {"owner_why", answer == nullptr ? Json(nullptr) : text_or_null(answer->why)},
          {"records", std::move(records)}};
}

Json json_of(const DomainView& view) {
  Json exchanges = Json::array();
  for (const ExchangeView& exchange : view.exchanges) exchanges.push_back(json_of(exchange));
  return {{"domain", view.domain.name.text()},
          {"way", to_text(view.way)},
          {"mx", to_text(view.domain.kind)},
          {"dnssec", to_text(view.domain.dnssec)},
          {"why", text_or_null(view.domain.why)},
          {"exchanges", std::move(exchanges)},
          {"unusable_exchanges", texts(view.domain.unusable_exchanges)},
          {"notes", texts(view.notes)}};
}

template <class Element>
Json array_of(const std::vector<Element>& elements) {
  Json array = Json::array();
  for (const Element& element : elements) array.push_back(json_of(element));
  return array;
}

}  // namespace

Json check_json(const CheckReport& report) {
  return {{"version", 1},
          {"status", to_text(status_of(report))},
          {"findings", array_of(report.findings)},
          {"endpoints", array_of(report.endpoints)},
          {"owners", array_of(report.owners)},
          {"domains", array_of(report.domains)}};
}

}  // namespace danectl
