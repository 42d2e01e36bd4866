#include "app/verify/verify_view.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace danectl {
namespace {

using Json = nlohmann::ordered_json;

std::string depth_text(int depth, const Chain& chain) {
  if (depth == 0) return "the end entity";
  const auto position = static_cast<std::size_t>(depth);
  if (position >= chain.certificates.size()) return "a trusted CA that the chain leaves out";
  return fmt::format("certificate {} of the chain", position + 1);
}

std::string fitting_text(const VerifyReport& report, const Chain& chain) {
  std::string text = "records that the chain matches:\n";
  for (const VerifyReport::Fitting& one : report.fitting) {
    text += fmt::format("  {} ({})\n", one.record.text(), depth_text(one.depth, chain));
  }
  return report.fitting.empty() ? "" : text;
}

bool has_group(const VerifyReport& report, const Group& group) {
  return std::any_of(report.groups.begin(), report.groups.end(),
                     [&](const VerifyReport::GroupResult& one) { return one.group == group; });
}

}  // namespace

std::string verify_text(const VerifyReport& report, const Chain& chain) {
  std::string text;
  if (report.match) {
    text = fmt::format("matches: {} at depth {} ({})\n", report.match->association.text(), report.match->depth,
                       depth_text(report.match->depth, chain));
  } else {
    text = fmt::format("does not match: {}\n", report.why);
    if (!report.hint.empty()) text += fmt::format("  {}\n", report.hint);
  }
  for (const auto& [group, why] : report.groups) {
    text += fmt::format("{}: {}{}\n", group.text(), why.empty() ? "matches" : "does not match: ", why);
  }
  for (const auto& [record, why] : report.unusable) text += fmt::format("unusable: {}: {}\n", record.text(), why);
  return report.match ? text : text + fitting_text(report, chain);
}

nlohmann::ordered_json verify_json(const VerifyReport& report) {
  Json groups = Json::array();
  for (const auto& [group, why] : report.groups) {
    groups.push_back({{"group", group.text()}, {"match", why.empty()}, {"why", why.empty() ? Json() : Json(why)}});
  }
  std::vector<Group> listed;
  for (const auto& [record, why] : report.unusable) {
    const bool known =
        has_group(report, record.group) || std::find(listed.begin(), listed.end(), record.group) != listed.end();
    if (known) continue;
    listed.push_back(record.group);
    groups.push_back({{"group", record.group.text()}, {"match", false}, {"why", "unusable: " + why}});
  }
  return {{"version", 1},
          {"match", report.match.has_value()},
          {"depth", report.match ? Json(report.match->depth) : Json()},
          {"record", report.match ? Json(report.match->association.text()) : Json()},
          {"groups", std::move(groups)}};
}

}  // namespace danectl
