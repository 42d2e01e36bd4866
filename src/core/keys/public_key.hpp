// From OpenSSL's keys to danectl's: digests of the SubjectPublicKeyInfo and names of key types.
#pragma once

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/keys/key_id.hpp"
#include "core/keys/openssl_ptr.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace danectl {

struct PublicKey {
  KeyId id;
  std::string type_text;  // as in KeyMaterial
};

// The SPKI as it stands in a certificate or request, octet by octet: a TLSA record is compared with these octets, not
// with what another encoder would make of the key.
Result<PublicKey> public_key_of(const X509_PUBKEY* spki);

// The SPKI that OpenSSL makes of a key, as `openssl pkey -pubout` does.
Result<PublicKey> public_key_of(const EVP_PKEY* key);

// The same of the DER of an SPKI. None: an error with OpenSSL's reason.
Result<PublicKey> public_key_of(std::span<const std::uint8_t> spki, const std::string& type_text);

// In hexadecimal, lower case. No bytes are an error, never the digest of nothing: e3b0c442... in a TLSA record has
// stopped mail before.
Result<std::string> digest_hex(std::span<const std::uint8_t> bytes, Digest digest);

}  // namespace danectl
