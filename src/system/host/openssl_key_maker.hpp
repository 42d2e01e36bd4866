#pragma once

#include "ports/key_maker.hpp"

namespace danectl {

// Keys from OpenSSL's random generator, as certbot's are.
class OpensslKeyMaker : public KeyMaker {
 public:
  Result<std::string> make(KeyType type) override;
};

}  // namespace danectl
