#include "app/check/check_words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

struct Character {
  std::size_t octets = 1;
  char32_t code = 0xFFFD;  // also for what is not UTF-8 (RFC 3629)
};

Character first_character(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = octet(0);
  if (lead < 0x80) return {1, lead};
  const std::size_t octets = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < octets) return {};
  char32_t code = lead & (0xFFU >> (octets + 1));
  for (std::size_t i = 1; i < octets; ++i) {
    if ((octet(i) & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (octet(i) & 0x3FU);
  }
  const bool overlong = (octets == 3 && code < 0x800) || (octets == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return overlong || surrogate || code > 0x10FFFF ? Character{} : Character{octets, code};
}

// C0 and C1 controls, and those that turn the direction of a line.
bool harmful(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0xFFFD || code == 0x2028 || code == 0x2029 ||
         (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

bool blank(char32_t code) {
  return code == ' ' || code == '\n' || code == '\r' || code == '\t';
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const auto [octets, code] = first_character(text);
    if (blank(code)) {
      if (!line.empty() && line.back() != ' ') line += ' ';
    } else {
      line += harmful(code) ? std::string_view("?") : text.substr(0, octets);
    }
    text.remove_prefix(octets);
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

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
