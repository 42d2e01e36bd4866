#include "app/check/check_words.hpp"

#include "core/base/foreign_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
std::string place_of(const Finding& finding) {
  const bool named = finding.endpoint.find("://" + finding.lineage + ":") != std::string::npos ||
                     finding.owner.ends_with("._tcp." + finding.lineage);
  std::string place = !finding.endpoint.empty() ? finding.endpoint
                      : !finding.owner.empty()  ? finding.owner
                                                : finding.domain;
  // A probe of one address names it already.
  const bool addressed = place.ends_with("@" + finding.address);
  if (!finding.address.empty() && !addressed)
    place += (place.empty() ? "" : " ") + fmt::format("({})", finding.address);
  if (!finding.lineage.empty() && !named) {
    place = finding.lineage + (place.empty() ? "" : " ") + place;
  }
  return one_line(place.empty() ? "this host" : place);
}

std::size_t count(const CheckReport& report, Severity severity) {
  return static_cast<std::size_t>(std::count_if(report.findings.begin(), report.findings.end(),
                                                [&](const Finding& finding) { return finding.severity == severity; }));
}

std::string counted(std::size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

EndpointCount count_endpoints(const CheckReport& report) {
  EndpointCount counts;
  for (const EndpointView& endpoint : report.endpoints) {
    const bool left_out = endpoint.verdict == EndpointView::Verdict::left_out;
    ++(left_out ? counts.left_out : counts.asked);
    if (endpoint.verdict == EndpointView::Verdict::verified) ++counts.verified;
  }
  return counts;
}

std::string what_was_checked(const CheckReport& report) {
  const EndpointCount endpoints = count_endpoints(report);
  std::string text = report.lineages.empty() ? "" : counted(report.lineages.size(), "lineage") + ", ";
  if (!report.domains.empty()) text += counted(report.domains.size(), "domain") + ", ";
  if (endpoints.asked == 0) {
    text += "no endpoint asked";
  } else if (endpoints.asked == endpoints.verified) {
    text += counted(endpoints.asked, "endpoint") + " verified";
  } else {
    text += fmt::format("{} verified of {}", counted(endpoints.verified, "endpoint"), endpoints.asked);
  }
  if (endpoints.left_out != 0) text += fmt::format(", {} left out", endpoints.left_out);
  return text;
}

std::string_view to_text(EndpointView::Verdict verdict) {
  switch (verdict) {
    case EndpointView::Verdict::verified:
      return "verified";
    case EndpointView::Verdict::mismatch:
      return "mismatch";
    case EndpointView::Verdict::no_handshake:
      return "no-handshake";
    case EndpointView::Verdict::no_dane:
      return "no-dane";
    case EndpointView::Verdict::left_out:
      return "left-out";
    case EndpointView::Verdict::unknown:
      break;
  }
  return "unknown";
}

}  // namespace danectl
