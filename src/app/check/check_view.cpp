#include "app/check/check_view.hpp"

#include "app/check/check_words.hpp"
#include "app/frame/exit_code.hpp"
#include "core/base/foreign_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {

Result<CheckFormat> parse_check_format(std::string_view text) {
  if (text == "text") return CheckFormat::text;
  if (text == "json") return CheckFormat::json;
  if (text == "nagios") return CheckFormat::nagios;
  if (text == "prometheus") return CheckFormat::prometheus;
  return invalid(fmt::format("'{}' is not a format of check", text), "text, json, nagios or prometheus");
}

Severity status_of(const CheckReport& report) {
  const Severity severity = worst(report.findings);
  const bool any_asked =
      std::any_of(report.endpoints.begin(), report.endpoints.end(),
                  [](const EndpointView& endpoint) { return endpoint.verdict != EndpointView::Verdict::left_out; });
  const bool blind = why_dns_is_silent(report.looks) && !any_asked;
  return blind && severity == Severity::warning ? Severity::unknown : severity;
}

int cannot_check(const Error& error, CheckFormat format, const Output& output) {
  if (format != CheckFormat::nagios) {
    output.trouble(error);
    return exit_code(Severity::unknown);
  }
  // What follows '|' would be taken for performance data.
  std::string line = one_line(error.what + (error.hint.empty() ? "" : " (" + error.hint + ")"));
  for (char& c : line) c = c == '|' ? '/' : c;
  output.out << "DANE UNKNOWN: " << line << '\n';
  return exit_code(Severity::unknown);
}

}  // namespace danectl
