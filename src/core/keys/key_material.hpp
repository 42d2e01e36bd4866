// The keys that files hold: private or public ones, and those of requests and certificates. All values: no files here.
#pragma once

#include "core/base/result.hpp"
#include "core/keys/key_id.hpp"

#include <string>
#include <string_view>

namespace danectl {

enum class MaterialKind { private_key, public_key, csr, certificate };
std::string_view to_text(MaterialKind kind);  // "key", "public", "csr", "certificate"

// What a file of one key, request or certificate holds.
struct KeyMaterial {
  MaterialKind kind;
  KeyId id;
  std::string
      type_text;  // "rsa-2048", "ecdsa-p256", "ed25519", "rsa-1024", "ecdsa-secp521r1": also what danectl does not make
};

// PEM or DER. Of a chain the first certificate. Errors (ErrorKind::failed, `what` without the file's name, which the
// caller knows): empty, encrypted key, two keys, nothing recognised.
Result<KeyMaterial> read_key_material(std::string_view bytes);

// The key of an unencrypted private key in PEM.
Result<KeyId> read_private_key(std::string_view pem);

}  // namespace danectl
