#include "app/check/check_text.hpp"

#include "app/check/check_words.hpp"
#include "app/check/domain_text.hpp"
#include "app/frame/wrap.hpp"
#include "core/base/foreign_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace danectl {
namespace {

constexpr std::size_t severity_width = 10;  // "CRITICAL" and two blanks

std::string coloured(std::string_view text, const char* code, const Output& output) {
  return output.colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

const char* colour_of(Severity severity) {
  switch (severity) {
    case Severity::critical:
      return "1;31";
    case Severity::warning:
      return "33";
    case Severity::unknown:
      return "35";
    case Severity::ok:
      break;
  }
  return "32";
}

std::string finding_lines(const Finding& finding, const Output& output) {
  const std::string_view word = to_text(finding.severity);
  const std::string remedy = one_line(finding.remedy);
  return fmt::format("{}{:<{}}{}: {} [{}]\n", coloured(word, colour_of(finding.severity), output), "",
                     severity_width - word.size(), place_of(finding), one_line(finding.message), to_text(finding.id)) +
         (remedy.empty() ? "" : fmt::format("{:<{}}{}\n", "", severity_width, remedy));
}

// How an endpoint came out, at a glance.
struct Mark {
  const char* word;
  const char* sign;
  const char* colour;
};
Mark mark_of(EndpointView::Verdict verdict) {
  switch (verdict) {
    case EndpointView::Verdict::verified:
      return {"ok", "✓", "32"};
    case EndpointView::Verdict::mismatch:
    case EndpointView::Verdict::no_handshake:
      return {"FAILED", "✗", "1;31"};
    case EndpointView::Verdict::left_out:
      return {"-", "-", "2"};
    case EndpointView::Verdict::no_dane:
    case EndpointView::Verdict::unknown:
      break;
  }
  return {"?", "?", "35"};
}

std::string matches(const EndpointView& endpoint) {
  std::string matching;
  std::string others;
  for (const auto& [group, match] : endpoint.groups) {
    std::string& list = match ? matching : others;
    list += (list.empty() ? "" : ", ") + group.text();
  }
  if (!others.empty()) matching += (matching.empty() ? "not " : "; not ") + others;
  return matching.empty() ? "-" : matching;
}

std::string end_of(const EndpointView& endpoint, WallTime now) {
  if (!endpoint.not_after) return "-";
  const std::string day = to_rfc3339(*endpoint.not_after).substr(0, 10);
  const Milliseconds left = *endpoint.not_after - now;
  return left > Milliseconds{0} ? fmt::format("{}, {}", day, human_duration(left)) : "ENDED " + day;
}

// As wide as the widest: a sign is one column, however many octets it has.
std::string padded_mark(EndpointView::Verdict verdict, const Output& output) {
  const Mark mark = mark_of(verdict);
  if (output.unicode) return coloured(mark.sign, mark.colour, output);
  const std::string_view word = mark.word;
  return coloured(word, mark.colour, output) + std::string(std::string_view("FAILED").size() - word.size(), ' ');
}

constexpr std::size_t columns = 5;
struct Row {
  std::string mark;
  std::array<std::string, columns> cells;
  std::string why;
};

std::vector<Row> rows_of(const CheckReport& report, const Output& output) {
  std::vector<Row> rows{
      {output.unicode ? " " : "      ", {"endpoint", "address", "protocol", "matches", "certificate ends"}, ""}};
  const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : one_line(text); };
  for (const EndpointView& endpoint : report.endpoints) {
    rows.push_back({padded_mark(endpoint.verdict, output),
                    {endpoint.url.text(), or_dash(endpoint.address), or_dash(endpoint.protocol), matches(endpoint),
                     end_of(endpoint, report.now)},
                    one_line(endpoint.why)});
  }
  return rows;
}

// Widths count octets: names, addresses and times are ASCII.
std::string table(const CheckReport& report, const Output& output) {
  const std::vector<Row> rows = rows_of(report, output);
  std::array<std::size_t, columns> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], row.cells[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line = row.mark;
    for (std::size_t i = 0; i < columns; ++i) line += fmt::format("  {:<{}}", row.cells[i], widths[i]);
    line += "  " + row.why;
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string left_out(const CheckReport& report) {
  std::string text;
  for (const OwnerGauges& owner : report.owners) {
    for (const std::string& server : owner.left_out) {
      text += fmt::format("name server left out for {}: {}\n", owner.owner, one_line(server));
    }
  }
  return text;
}

std::string domains(const CheckReport& report, const Output& output) {
  std::string text;
  for (const DomainView& domain : report.domains) text += wrapped(domain_text(domain, output), output.columns);
  return text.empty() ? text : text + '\n';
}

std::string summary(const CheckReport& report) {
  return fmt::format("{} critical, {} warning, {} unknown; {}\n", count(report, Severity::critical),
                     count(report, Severity::warning), count(report, Severity::unknown), what_was_checked(report));
}

}  // namespace

std::string check_text(const CheckReport& report, const Output& output) {
  const std::string endpoints = (report.endpoints.empty() ? "" : table(report, output)) + left_out(report);
  if (report.findings.empty()) {
    return domains(report, output) +
           fmt::format("{}: nothing is wrong; {}\n", coloured(to_text(Severity::ok), colour_of(Severity::ok), output),
                       what_was_checked(report)) +
           (endpoints.empty() ? "" : "\n" + endpoints);
  }
  std::string text = domains(report, output);
  for (const Finding& finding : report.findings) text += wrapped(finding_lines(finding, output), output.columns);
  return text + "\n" + (endpoints.empty() ? "" : endpoints + "\n") + summary(report);
}

}  // namespace danectl
