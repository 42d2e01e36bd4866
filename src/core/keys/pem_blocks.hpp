// The blocks of a PEM file (RFC 7468), decoded from base64 only.
#pragma once

#include "core/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

struct PemBlock {
  std::string label;              // "PRIVATE KEY", "CERTIFICATE", ...
  bool encrypted = false;         // by RFC 1421 headers, as OpenSSL writes traditional keys
  std::vector<std::uint8_t> der;  // of an encrypted one: not DER
};

// All blocks, in order; text around them is skipped, none at all is no error. A block that is cut or garbled is an
// error, and so is text too big to be keys or certificates.
Result<std::vector<PemBlock>> read_pem_blocks(std::string_view text);

// Bounds the work on a file named by mistake.
constexpr std::size_t longest_key_file = std::size_t{1} << 20;

}  // namespace danectl
