#include "app/survey/survey_csv.hpp"

#include "app/survey/survey_words.hpp"
#include "core/base/foreign_text.hpp"
#include "core/mail/profile_text.hpp"

#include <fmt/format.h>

#include <functional>

namespace danectl {
namespace {

constexpr std::string_view line_end = "\r\n";  // RFC 4180 section 2

using TextOf = std::function<std::string(const SurveyedHost&)>;

// "mx1.example.org TEXT; mx2.example.org TEXT" of those hosts that have a text.
std::string of_hosts(const SurveyLine& line, const TextOf& text_of) {
  std::string all;
  for (const SurveyedHost& host : line.hosts) {
    const std::string text = text_of(host);
    if (text.empty()) continue;
    if (!all.empty()) all += "; ";
    all += host.host.text() + " " + text;
  }
  return all;
}

std::string field_of_hosts(const SurveyLine& line, const TextOf& text_of) {
  return csv_field(of_hosts(line, text_of));
}

// Of the domain, or else of its hosts.
std::string why_text(const SurveyLine& line) {
  const std::string left_out = left_out_note(line.domain);
  const std::string why = !line.domain.why.empty()
                              ? one_line(line.domain.why)
                              : of_hosts(line, [](const SurveyedHost& host) { return one_line(host_note(host)); });
  return left_out + (left_out.empty() || why.empty() ? "" : "; ") + why;
}

std::string record_list(const SurveyedHost& host) {
  std::string text;
  for (const Association& record : host.records) text += (text.empty() ? "" : ", ") + record.text();
  return text;
}

std::string probe_text(const SurveyedHost& host) {
  if (!host.knock) return {};
  const std::string why = one_line(host.knock->why);
  return std::string(to_text(host.knock->verdict)) + (why.empty() ? "" : ": " + why);
}

std::string host_names(const SurveyLine& line) {
  std::string names;
  for (const SurveyedHost& host : line.hosts) {
    names += fmt::format("{}{}{}", names.empty() ? "" : " ", host.host.text(), host.shared ? "*" : "");
  }
  return csv_field(names);
}

}  // namespace

std::string csv_field(std::string_view text) {
  std::string field;
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) field = "'";
  field += text;
  if (field.find_first_of(",\"\r\n") == field.npos) return field;
  std::string quoted = "\"";
  for (const char c : field) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string csv_header() {
  return "line,domain,way,mx,dnssec,hosts,host_ways,profiles,faults,probes,records,why" + std::string(line_end);
}

std::string csv_beginning(const ListEntry& entry) {
  if (!entry.fault.empty()) return fmt::format("{},,error,", entry.number);
  return fmt::format("{},{},", entry.number, csv_field(entry.domain.text()));
}

std::string csv_line(const SurveyLine& line) {
  const std::string beginning = csv_beginning({line.number, line.domain.name, line.fault});
  if (!line.fault.empty()) return fmt::format("{},,,,,,,,{}{}", beginning, csv_field(one_line(line.fault)), line_end);
  const auto way = [](const SurveyedHost& host) { return std::string(to_text(host.way)); };
  const auto profile = [](const SurveyedHost& host) { return profile_text(host.records); };
  const std::string why = csv_field(why_text(line));
  return fmt::format("{}{},{},{},{},{},{},{},{},{},{}{}", beginning, to_text(way_of(line)), to_text(line.domain.kind),
                     to_text(line.domain.dnssec), host_names(line), field_of_hosts(line, way),
                     field_of_hosts(line, profile), field_of_hosts(line, faults_text), field_of_hosts(line, probe_text),
                     field_of_hosts(line, record_list), why, line_end);
}

}  // namespace danectl
