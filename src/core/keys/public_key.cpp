#include "core/keys/public_key.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/objects.h>

namespace danectl {

namespace {

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

std::optional<std::string> text_parameter(const EVP_PKEY* key, const char* parameter) {
  std::array<char, 80> text{};
  std::size_t length = 0;
  if (EVP_PKEY_get_utf8_string_param(key, parameter, text.data(), text.size(), &length) != 1) return std::nullopt;
  return std::string(text.data(), length);
}

// Curve parameters written out instead of named are another SPKI, and one that TLS forbids (RFC 8422 section 5.1.1):
// such a key is never "an ecdsa-p256 key".
std::string curve_text(const EVP_PKEY* key) {
  if (text_parameter(key, OSSL_PKEY_PARAM_EC_ENCODING) == OSSL_PKEY_EC_ENCODING_EXPLICIT) return "explicit";
  const std::string name = text_parameter(key, OSSL_PKEY_PARAM_GROUP_NAME).value_or("unknown");
  if (name == SN_X9_62_prime256v1 || name == "P-256") return "p256";
  if (name == SN_secp384r1 || name == "P-384") return "p384";
  return lower_case(name);
}

std::string type_text_of(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "EC") == 1) return "ecdsa-" + curve_text(key);
  const char* const name = EVP_PKEY_get0_type_name(key);
  const std::string type = name != nullptr ? lower_case(name) : "unknown";
  const bool sized =
      EVP_PKEY_is_a(key, "RSA") == 1 || EVP_PKEY_is_a(key, "RSA-PSS") == 1 || EVP_PKEY_is_a(key, "DSA") == 1;
  return sized ? fmt::format("{}-{}", type, EVP_PKEY_get_bits(key)) : type;
}

// For a key that this OpenSSL cannot use: at least what its algorithm is called.
std::string type_text_of(const X509_PUBKEY* spki) {
  if (const EVP_PKEY* const key = X509_PUBKEY_get0(spki)) return type_text_of(key);
  ERR_clear_error();
  ASN1_OBJECT* algorithm = nullptr;
  X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, nullptr, spki);
  std::array<char, 80> name{};
  if (algorithm == nullptr || OBJ_obj2txt(name.data(), static_cast<int>(name.size()), algorithm, 0) <= 0) {
    return "unknown";
  }
  return lower_case(name.data());
}

KeyType type_of(const std::string& text) {
  const auto type = parse_key_type(text);
  return type ? *type : KeyType::other;
}

}  // namespace

Result<PublicKey> public_key_of(std::span<const std::uint8_t> spki, const std::string& type_text) {
  auto sha256 = digest_hex(spki, Digest::sha256);
  if (!sha256) return sha256.error();
  auto sha512 = digest_hex(spki, Digest::sha512);
  if (!sha512) return sha512.error();
  return PublicKey{{std::move(*sha256), std::move(*sha512), type_of(type_text)}, type_text};
}

Result<PublicKey> public_key_of(const X509_PUBKEY* spki) {
  if (spki == nullptr) return failed("there is no public key in it");
  return public_key_of(to_der(i2d_X509_PUBKEY, spki), type_text_of(spki));
}

Result<PublicKey> public_key_of(const EVP_PKEY* key) {
  return public_key_of(to_der(i2d_PUBKEY, key), type_text_of(key));
}

Result<std::string> digest_hex(std::span<const std::uint8_t> bytes, Digest digest) {
  if (bytes.empty()) return failed("OpenSSL cannot write the public key: " + take_openssl_error());
  const std::string octets = digest_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, digest);
  return to_hex({reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size()});
}

}  // namespace danectl
