// A public key as danectl knows it: by the digests of its SubjectPublicKeyInfo (RFC 5280 section 4.1),
// which is what a TLSA record with selector SPKI(1) holds.
#pragma once

#include "core/base/result.hpp"
#include "core/dns/association.hpp"

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

enum class KeyType { rsa_2048, rsa_3072, rsa_4096, ecdsa_p256, ecdsa_p384, other };

// "rsa-2048", "ecdsa-p256", ...; "other" for what danectl does not make.
std::string_view to_text(KeyType type);
Result<KeyType> parse_key_type(std::string_view text);

struct KeyId {
  std::string sha256;  // of the DER of the SPKI, 64 hexadecimal digits, lower case
  std::string sha512;
  KeyType type = KeyType::other;
  bool operator==(const KeyId& other) const { return sha256 == other.sha256; }
};

// The association of a key. REQUIRES selector 1 and mtype 1 or 2: the profile parser lets no other through.
Association association_of(const KeyId& key, const Group& group);

}  // namespace danectl
