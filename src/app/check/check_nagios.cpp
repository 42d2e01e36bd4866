#include "app/check/check_nagios.hpp"

#include "app/check/check_words.hpp"
#include "core/base/foreign_text.hpp"
#include "core/config/end_margins.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

// An agent such as NRPE passes on 1024 octets, and the performance data come last.
constexpr std::size_t longest_text = 500;

// What is before '|' is shown, what is behind it is performance data.
std::string plugin_text(std::string text) {
  for (char& c : text) c = c == '|' ? '/' : c;
  if (text.size() <= longest_text) return text;
  std::size_t end = longest_text;
  const auto continues = [&](std::size_t i) { return (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U; };
  while (continues(end)) --end;
  return text.substr(0, end) + "...";
}

std::string headline(const CheckReport& report) {
  if (report.findings.empty()) return what_was_checked(report);
  const Finding& first = report.findings.front();
  return plugin_text(fmt::format("{}: {} [{}]", place_of(first), one_line(first.message), to_text(first.id))) +
         (report.findings.size() > 1 ? fmt::format(" (+{} more)", report.findings.size() - 1) : "");
}

constexpr Milliseconds day = std::chrono::hours{24};

// Of the certificate that ends first: those deployed here, else those that servers of others present.
std::string cert_days(const CheckReport& report) {
  struct End {
    WallTime time;
    EndMargins margins;
  };
  std::optional<End> first;
  const auto take = [&](const std::optional<WallTime>& not_before, WallTime not_after) {
    if (first && first->time <= not_after) return;
    first = End{not_after, {report.limits.warning, report.limits.critical}};
    if (not_before) first->margins = end_margins(report.limits, not_after - *not_before);
  };
  for (const LineageGauges& lineage : report.lineages) {
    if (lineage.not_after) take(lineage.not_before, *lineage.not_after);
  }
  for (const EndpointView& endpoint : report.endpoints) {
    if (endpoint.lineage.empty() && endpoint.not_after) take({}, *endpoint.not_after);
  }
  if (!first) return {};
  // "20:" is an alarm below 20.
  return fmt::format(" cert_days={};{}:;{}:", std::chrono::floor<std::chrono::days>(first->time - report.now).count(),
                     first->margins.warning / day, first->margins.critical / day);
}

// 'label'=value;warning;critical;minimum;maximum. The range "0" is an alarm for anything above.
std::string performance(const CheckReport& report) {
  const EndpointCount endpoints = count_endpoints(report);
  return fmt::format("critical={};;0;0 warning={};0;;0 unknown={};;;0 endpoints={};;;0 verified={};;;0;{}{}",
                     count(report, Severity::critical), count(report, Severity::warning),
                     count(report, Severity::unknown), endpoints.asked, endpoints.verified, endpoints.asked,
                     cert_days(report));
}

}  // namespace

std::string check_nagios(const CheckReport& report) {
  return fmt::format("DANE {}: {} | {}\n", to_text(status_of(report)), headline(report), performance(report));
}

}  // namespace danectl
