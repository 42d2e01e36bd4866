#include "core/certbot/key_options.hpp"

namespace danectl {

std::optional<KeyOptions> key_options(KeyType type) {
  switch (type) {
    case KeyType::rsa_2048:
      return KeyOptions{"rsa", "rsa-key-size", "2048"};
    case KeyType::rsa_3072:
      return KeyOptions{"rsa", "rsa-key-size", "3072"};
    case KeyType::rsa_4096:
      return KeyOptions{"rsa", "rsa-key-size", "4096"};
    case KeyType::ecdsa_p256:
      return KeyOptions{"ecdsa", "elliptic-curve", "secp256r1"};
    case KeyType::ecdsa_p384:
      return KeyOptions{"ecdsa", "elliptic-curve", "secp384r1"};
    case KeyType::other:
      break;
  }
  return std::nullopt;
}

}  // namespace danectl
