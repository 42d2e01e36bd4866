#pragma once

#include "core/base/result.hpp"
#include "core/keys/key_id.hpp"

#include <string>

namespace danectl {

class KeyMaker {
 public:
  virtual ~KeyMaker() = default;
  // A new private key, PKCS#8 in PEM, unencrypted. REQUIRES type != KeyType::other.
  virtual Result<std::string> make(KeyType type) = 0;
};

}  // namespace danectl
