#include "core/rollover/json_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace danectl {
namespace {

template <class T>
T need(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what);
  return std::move(result).value();
}

// What was published may have data of any length, or none.
Association record_from(const std::string& text) {
  std::size_t end = 0;
  for (int blanks = 0; end < text.size() && blanks < 3; ++end) blanks += text[end] == ' ' ? 1 : 0;
  const bool has_data = end < text.size();
  const Group group = need(Group::parse(text.substr(0, has_data ? end - 1 : end)));
  return {group, has_data ? to_hex(need(from_hex(text.substr(end)))) : std::string()};
}

constexpr std::int64_t longest_ms = 1'000'000'000'000'000;

// Earlier versions wrote a moment before the boot as a negative number. It counts from the boot.
Milliseconds uptime_from(const Json& json) {
  const bool may_be_negative = json.is_number_integer() && !json.is_number_unsigned();
  const auto number = may_be_negative ? json.get<std::int64_t>() : 0;
  if (number < 0 && number >= -longest_ms) return Milliseconds{0};
  return Milliseconds{number_from(json, longest_ms)};
}

}  // namespace

Json to_json(const Instant& instant) {
  return {{"wall", to_rfc3339_ms(instant.wall)}, {"boot_ms", instant.since_boot.count()}, {"boot", instant.boot_id}};
}

Json to_json(const std::optional<Instant>& instant) {
  return instant ? to_json(*instant) : Json(nullptr);
}

Json to_json(const Since& since) {
  Json json = to_json(since.at);
  json["counted_ms"] = since.counted.count();
  json["counted_at"] = to_json(since.counted_at);
  return json;
}

Json to_json(const std::optional<Since>& since) {
  return since ? to_json(*since) : Json(nullptr);
}

Json to_json(const KeyId& key) {
  return {{"sha256", key.sha256}, {"sha512", key.sha512}, {"type", to_text(key.type)}};
}

Json to_json(const std::optional<KeyId>& key) {
  return key ? to_json(*key) : Json(nullptr);
}

Json to_json(const std::vector<KeyId>& keys) {
  Json json = Json::array();
  for (const KeyId& key : keys) json.push_back(to_json(key));
  return json;
}

Json to_json(const RRset& rrset) {
  Json json = Json::array();
  for (const Association& record : rrset) json.push_back(record.text());
  return json;
}

std::int64_t number_from(const Json& json, std::int64_t most) {
  if (!json.is_number_integer() || (json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t(most))) {
    throw std::runtime_error("a number out of its bounds");
  }
  const auto number = json.get<std::int64_t>();
  if (number < 0 || number > most) throw std::runtime_error("a number out of its bounds");
  return number;
}

Seconds ttl_from(const Json& json) {
  return Seconds{number_from(json, 0x7fffffff)};
}

Instant instant_from(const Json& json) {
  return {need(parse_rfc3339(json.at("wall").get<std::string>())), uptime_from(json.at("boot_ms")),
          json.at("boot").get<std::string>()};
}

std::optional<Instant> optional_instant_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return instant_from(json);
}

Since since_from(const Json& json) {
  Since since(instant_from(json));
  if (!json.contains("counted_at")) return since;
  since.counted = Milliseconds{number_from(json.at("counted_ms"), longest_ms)};
  since.counted_at = instant_from(json.at("counted_at"));
  return since;
}

std::optional<Since> optional_since_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return since_from(json);
}

KeyId key_from(const Json& json) {
  KeyId key{json.at("sha256").get<std::string>(), json.at("sha512").get<std::string>(), KeyType::other};
  if (key.sha256.size() != 64 || key.sha512.size() != 128) throw std::runtime_error("a digest of another length");
  const auto type = parse_key_type(json.at("type").get<std::string>());
  if (type) key.type = *type;
  return key;
}

std::optional<KeyId> optional_key_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return key_from(json);
}

DnsName name_from(const Json& json) {
  return need(DnsName::parse(json.get<std::string>()));
}

WallTime time_from(const Json& json) {
  return need(parse_rfc3339(json.get<std::string>()));
}

RRset rrset_from(const Json& json) {
  RRset rrset;
  rrset.reserve(json.size());
  for (const Json& record : json) rrset.push_back(record_from(record.get<std::string>()));
  std::sort(rrset.begin(), rrset.end());
  return rrset;
}

std::string write_document(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Error no_document(const std::string& path, const std::string& why, const std::string& otherwise) {
  return failed(fmt::format("{} is not a state danectl wrote: {}", path, why), otherwise);
}

Error newer_document(const std::string& path, const std::string& version) {
  return failed(fmt::format("{} is of version {}, which a newer danectl wrote", path, version),
                "upgrade this danectl; nothing was touched");
}

std::string fault_text(const Json::exception& fault) {
  // Without the library's own preamble, "[json.exception.out_of_range.403] ".
  const std::string_view text = fault.what();
  const auto preamble = text.find("] ");
  return std::string(preamble == std::string_view::npos ? text : text.substr(preamble + 2));
}

}  // namespace danectl
