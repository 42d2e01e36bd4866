#include "core/records/include_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace danectl {
namespace {

constexpr const char* heading =
    "; TLSA records, written by danectl. $INCLUDE this file in the zone, and do not edit it: a record that is deleted\n"
    "; here too early stops the mail.\n";

Result<Seconds> ttl_of(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return failed("the TTL is no number");
  return Seconds{value};
}

// "\# 35 0301..." (RFC 3597 section 5): what it stands for, under the rules for TLSA.
Result<Association> unknown_form(const std::string& text) {
  std::istringstream words(text);
  std::string sign;
  std::size_t length = 0;
  std::string hex;
  words >> sign >> length;
  for (std::string part; words >> part;) hex += part;
  const auto rdata = from_hex(hex);
  if (!rdata) return rdata.error();
  if (sign != "\\#" || rdata->size() != length) return failed("it is no `TYPE52 \\# LEN HEX`");
  const auto association = Association::from_rdata(*rdata);
  if (!association) return association.error();
  return Association::parse(association->text());
}

Result<IncludedRecord> record_of(const std::string& line) {
  std::istringstream words(line);
  std::string owner;
  std::string ttl;
  std::string in;
  std::string type;
  std::string rest;
  words >> owner >> ttl >> in >> type >> std::ws;
  std::getline(words, rest);
  if (in != "IN" || (type != "TLSA" && type != "TYPE52") || !owner.ends_with('.'))
    return failed("it is no `OWNER. TTL IN TLSA ...`");
  auto name = DnsName::parse(owner);
  if (!name) return name.error();
  const auto seconds = ttl_of(ttl);
  if (!seconds) return seconds.error();
  auto association = type == "TLSA" ? Association::parse(rest) : unknown_form(rest);
  if (!association) return association.error();
  return IncludedRecord{std::move(name).value(), *seconds, std::move(association).value()};
}

}  // namespace

std::string include_text(std::vector<IncludedRecord> records, RecordForm form) {
  std::sort(records.begin(), records.end(), [](const IncludedRecord& a, const IncludedRecord& b) {
    return a.owner != b.owner ? a.owner < b.owner : a.association < b.association;
  });
  std::string text = heading;
  for (const IncludedRecord& record : records) {
    text += fmt::format("{} {} IN {}\n", record.owner.with_dot(), record.ttl.count(),
                        record_text(record.association, form));
  }
  return text;
}

Result<std::vector<IncludedRecord>> parse_include(std::string_view text, const std::string& path) {
  std::vector<IncludedRecord> records;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    line = line.substr(0, line.find(';'));
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto record = record_of(line);
    if (!record) {
      return failed(fmt::format("{}, line {}: {}", path, number, record.error().what),
                    "the file is danectl's alone: move what else is in it into the zone file");
    }
    records.push_back(std::move(record).value());
  }
  return records;
}

}  // namespace danectl
