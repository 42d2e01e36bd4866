// The public key that belongs to a private one.
#pragma once

#include "core/keys/public_key.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace danectl {

// PKCS#8, SEC1 and PKCS#1 alike, unencrypted. Nothing: the bytes are no private key that this OpenSSL can use.
std::optional<Result<PublicKey>> public_key_of_private(std::span<const std::uint8_t> der);

}  // namespace danectl
