#include "core/base/digest.hpp"

#include <array>
#include <stdexcept>

#include <openssl/evp.h>

namespace danectl {

std::string digest_of(std::string_view bytes, Digest digest) {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static const EVP_MD* const sha512 = EVP_MD_fetch(nullptr, "SHA512", nullptr);
  const EVP_MD* const algorithm = digest == Digest::sha256 ? sha256 : sha512;
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
  unsigned int length = 0;
  if (algorithm == nullptr || EVP_Digest(bytes.data(), bytes.size(), octets.data(), &length, algorithm, nullptr) != 1) {
    throw std::runtime_error(
        "OpenSSL cannot make a SHA-2 digest: is its default provider there? openssl list -providers");
  }
  return {octets.begin(), octets.begin() + length};
}

}  // namespace danectl
