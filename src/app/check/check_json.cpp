#include "app/check/check_json.hpp"

#include "app/check/check_words.hpp"

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

Json json_of(const Finding& finding) {
  return {{"id", to_text(finding.id)},
          {"severity", to_text(finding.severity)},
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
  Json left_out = Json::array();
  for (const std::string& server : owner.left_out) left_out.push_back(one_line(server));
  return {{"owner", owner.owner},
          {"dnssec", owner.dnssec},
          {"records", owner.records ? Json(*owner.records) : Json(nullptr)},
          {"ttl", owner.ttl ? Json(owner.ttl->count()) : Json(nullptr)},
          {"signature_ends", time_or_null(owner.signature_ends)},
          {"left_out", std::move(left_out)}};
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
          {"status", to_text(worst(report.findings))},
          {"findings", array_of(report.findings)},
          {"endpoints", array_of(report.endpoints)},
          {"owners", array_of(report.owners)}};
}

}  // namespace danectl
