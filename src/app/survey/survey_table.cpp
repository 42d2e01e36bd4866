#include "app/survey/survey_table.hpp"

#include "app/survey/survey_words.hpp"
#include "core/base/foreign_text.hpp"
#include "core/mail/profile_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

constexpr std::size_t width = 80;
constexpr std::size_t domain_width = 23;
constexpr std::size_t way_width = 7;

std::string what_dns_has(const SurveyedHost& host) {
  switch (host.way) {
    case HostWay::dane:
    case HostWay::encrypted:
      return profile_text(host.records);
    case HostWay::without:
      return host.owner && host.owner_dnssec == Dnssec::secure ? "no records" : "not signed";
    case HostWay::held:
      return "bogus";
    case HostWay::unknown:
      return "no answer";
    case HostWay::nowhere:
      break;
  }
  return "no address";
}

std::string host_text(const SurveyedHost& host) {
  std::string text = fmt::format("{}{} {}", host.host.text(), host.shared ? "*" : "", what_dns_has(host));
  if (host.knock) text += fmt::format(" {}", to_text(host.knock->verdict));
  if (const std::string faults = faults_text(host); !faults.empty()) text += fmt::format(" [{}]", faults);
  return text;
}

// As many as there is room for, and at least one.
std::string hosts_text(const std::vector<SurveyedHost>& hosts, std::size_t room) {
  std::string text;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const std::string next = (text.empty() ? "" : ", ") + host_text(hosts[i]);
    const std::string more = i + 1 < hosts.size() ? fmt::format(", {} more", hosts.size() - i - 1) : "";
    if (!text.empty() && text.size() + next.size() + more.size() > room) {
      return text + fmt::format(", {} more", hosts.size() - i);
    }
    text += next;
  }
  return text;
}

// A reason may be a sentence of a server's; --format json has the whole of it.
std::string cut_to(std::string text, std::size_t room) {
  constexpr std::size_t least = 20;
  room = std::max(room, least);
  if (text.size() <= room) return text;
  std::size_t end = room - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;  // within a character of UTF-8
  return text.substr(0, end) + "...";
}

}  // namespace

std::string table_header() {
  return fmt::format("{:<{}} {:<{}} {}\n", "# DOMAIN", domain_width, "WAY", way_width,
                     "HOST RECORDS, ... (*: a domain before it has it)");
}

std::string table_beginning(const ListEntry& entry) {
  if (!entry.fault.empty()) return fmt::format("line {}: ", entry.number);
  return fmt::format("{:<{}} ", entry.domain.text(), domain_width);
}

std::string table_line(const SurveyLine& line) {
  std::string text = table_beginning({line.number, line.domain.name, line.fault});
  if (!line.fault.empty()) return text + cut_to(one_line(line.fault), width - text.size()) + "\n";
  text += fmt::format("{:<{}} ", to_text(way_of(line)), way_width);
  const auto room = [&] { return text.size() < width ? width - text.size() : 0; };
  const std::string note = one_line(domain_note(line.domain));
  if (line.hosts.empty()) {
    text += cut_to(note, room());
  } else {
    if (!note.empty()) text += note + ": ";
    text += hosts_text(line.hosts, room());
  }
  return text + "\n";
}

}  // namespace danectl
