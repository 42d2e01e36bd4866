#include "core/keys/key_id.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace danectl {

namespace {

constexpr std::array<std::pair<KeyType, std::string_view>, 5> type_names{{
    {KeyType::rsa_2048, "rsa-2048"},
    {KeyType::rsa_3072, "rsa-3072"},
    {KeyType::rsa_4096, "rsa-4096"},
    {KeyType::ecdsa_p256, "ecdsa-p256"},
    {KeyType::ecdsa_p384, "ecdsa-p384"},
}};

}  // namespace

std::string_view to_text(KeyType type) {
  const auto found = std::find_if(type_names.begin(), type_names.end(), [&](const auto& e) { return e.first == type; });
  return found == type_names.end() ? "other" : found->second;
}

Result<KeyType> parse_key_type(std::string_view text) {
  const auto found =
      std::find_if(type_names.begin(), type_names.end(), [&](const auto& e) { return e.second == text; });
  if (found == type_names.end()) {
    return invalid(fmt::format("'{}' is not a key type", text),
                   "use rsa-2048, rsa-3072, rsa-4096, ecdsa-p256 or ecdsa-p384");
  }
  return found->first;
}

Association association_of(const KeyId& key, const Group& group) {
  return {group, group.mtype == 2 ? key.sha512 : key.sha256};
}

}  // namespace danectl
