// Values as the state files hold them. What is not as danectl writes it: std::runtime_error, which the reader of a file
// turns into an error that names the file.
#pragma once

#include "core/dns/dns_name.hpp"
#include "core/keys/key_id.hpp"
#include "core/base/since.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

using Json = nlohmann::ordered_json;

Json to_json(const Instant& instant);
Json to_json(const std::optional<Instant>& instant);
Json to_json(const Since& since);
Json to_json(const std::optional<Since>& since);
Json to_json(const KeyId& key);
Json to_json(const std::optional<KeyId>& key);
Json to_json(const std::vector<KeyId>& keys);
Json to_json(const RRset& rrset);

// A whole number from 0 to `most`: beyond that sums of times would overflow.
std::int64_t number_from(const Json& json, std::int64_t most);
Seconds ttl_from(const Json& json);  // RFC 2181 section 8
Instant instant_from(const Json& json);
std::optional<Instant> optional_instant_from(const Json& json);
// A moment as an earlier version wrote it, which counted nothing, is one from which nothing is counted yet.
Since since_from(const Json& json);
std::optional<Since> optional_since_from(const Json& json);
KeyId key_from(const Json& json);
std::optional<KeyId> optional_key_from(const Json& json);
DnsName name_from(const Json& json);
WallTime time_from(const Json& json);
RRset rrset_from(const Json& json);  // sorted

// Reads a document of `version` with `read`, which may throw as above; `otherwise` is the hint when it cannot be used.
template <class Value, class Read>
Result<Value> read_document(std::string_view text, const std::string& path, int newest, const std::string& otherwise,
                            const Read& read);

std::string write_document(const Json& json);

// Why a text is no document of danectl's: for read_document.
Error no_document(const std::string& path, const std::string& why, const std::string& otherwise);
Error newer_document(const std::string& path, const std::string& version);
std::string fault_text(const Json::exception& fault);

template <class Value, class Read>
Result<Value> read_document(std::string_view text, const std::string& path, int newest, const std::string& otherwise,
                            const Read& read) {
  const Json document = Json::parse(text, nullptr, false);
  if (document.is_discarded()) return no_document(path, "it is cut short, or no JSON at all", otherwise);
  if (!document.is_object()) return no_document(path, "it is no JSON object", otherwise);
  const Json version = document.value("version", Json());
  if (version.is_number_integer() && version > newest) return newer_document(path, version.dump());
  try {
    return read(document);
  } catch (const Json::out_of_range& fault) {
    return no_document(path, fault_text(fault), otherwise);  // "key 'next' not found"
  } catch (const Json::exception&) {
    return no_document(path, "a value is of another kind than danectl writes", otherwise);
  } catch (const std::exception& fault) {
    return no_document(path, fault.what(), otherwise);
  }
}

}  // namespace danectl
