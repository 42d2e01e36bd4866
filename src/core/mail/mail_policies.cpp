#include "core/mail/mail_policies.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::optional<StsPolicy::Mode> mode_of(std::string_view text) {
  if (text == "enforce") return StsPolicy::Mode::enforce;
  if (text == "testing") return StsPolicy::Mode::testing;
  if (text == "none") return StsPolicy::Mode::none;
  return std::nullopt;
}

}  // namespace

bool announces(const Texts& texts, std::string_view version) {
  return texts && std::any_of(texts->begin(), texts->end(), [&](const std::string& text) {
           const std::string_view first = std::string_view(text).substr(0, text.find(';'));
           return trimmed(first) == version;
         });
}

Result<StsPolicy> StsPolicy::parse(std::string_view text) {
  StsPolicy policy;
  std::optional<std::string> version;
  std::optional<std::string> mode;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t colon = line.find(':');
    if (colon == line.npos) continue;
    const std::string_view key = trimmed(line.substr(0, colon));
    const std::string value(trimmed(line.substr(colon + 1)));
    if (key == "version" && !version) version = value;
    if (key == "mode" && !mode) mode = value;
    if (key == "mx") policy.mx.push_back(lower(value));
  }
  if (version != "STSv1") return invalid("it has no line \"version: STSv1\"");
  const auto known = mode ? mode_of(*mode) : std::nullopt;
  if (!known) return invalid("its mode is none of enforce, testing and none");
  policy.mode = *known;
  if (policy.mode != Mode::none && policy.mx.empty()) return invalid("it names no mx");
  return policy;
}

bool StsPolicy::allows(const DnsName& host) const {
  return std::any_of(mx.begin(), mx.end(), [&](const std::string& pattern) {
    if (pattern == host.text()) return true;
    return pattern.starts_with("*.") && !host.is_root() && host.parent().text() == pattern.substr(2);
  });
}

}  // namespace danectl
