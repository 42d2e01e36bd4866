// What certbot calls the types of keys, on its command line and in cli.ini; the renewal conf has '_' in place of '-'.
#pragma once

#include "core/keys/key_id.hpp"

#include <optional>
#include <string_view>

namespace danectl {

struct KeyOptions {
  std::string_view type;         // of key-type
  std::string_view size_option;  // rsa-key-size or elliptic-curve
  std::string_view size;
};

// Nothing: certbot makes no such key.
std::optional<KeyOptions> key_options(KeyType type);

}  // namespace danectl
