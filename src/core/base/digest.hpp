// SHA-2 digests (FIPS 180-4). OpenSSL looks each algorithm up once a process: its one-call functions do so every time.
#pragma once

#include <string>
#include <string_view>

namespace danectl {

enum class Digest { sha256, sha512 };

// Its 32 or 64 octets. Throws std::runtime_error where this OpenSSL cannot make it: nothing may pass for the digest of
// something else.
std::string digest_of(std::string_view bytes, Digest digest = Digest::sha256);

}  // namespace danectl
