// OpenSSL 3 builds a decoder and an encoder anew for each key that it is given: 5 million instructions. Its functions
// for one type of key take a hundredth of that; it advises new programs against them, and keeps them.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "core/keys/private_key.hpp"

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

namespace danectl {

namespace {

using Bytes = std::span<const std::uint8_t>;
using Pkcs8Ptr = OpensslPtr<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using RsaPtr = OpensslPtr<RSA, RSA_free>;
using EcKeyPtr = OpensslPtr<EC_KEY, EC_KEY_free>;
using EcGroupPtr = OpensslPtr<EC_GROUP, EC_GROUP_free>;

std::optional<Result<PublicKey>> of_rsa(Bytes der) {
  const auto key = from_der<RsaPtr>(d2i_RSAPrivateKey, der);
  if (!key) return std::nullopt;
  return public_key_of(to_der(i2d_RSA_PUBKEY, key.get()), fmt::format("rsa-{}", RSA_bits(key.get())));
}

// To make the curve anew takes ten times what reading a key takes.
const EC_GROUP* group_of(int curve) {
  static const EcGroupPtr p256(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  static const EcGroupPtr p384(EC_GROUP_new_by_curve_name(NID_secp384r1));
  return curve == NID_secp384r1 ? p384.get() : p256.get();
}

// `curve` as the PKCS#8 around the key names it: the key may leave it out.
std::optional<Result<PublicKey>> of_ec(Bytes der, int curve) {
  EC_KEY* key = EC_KEY_new();
  const EcKeyPtr owner(key);
  const unsigned char* at = der.data();
  if (key == nullptr || group_of(curve) == nullptr || EC_KEY_set_group(key, group_of(curve)) != 1) return std::nullopt;
  if (d2i_ECPrivateKey(&key, &at, static_cast<long>(der.size())) == nullptr) return std::nullopt;
  const EC_GROUP* const group = EC_KEY_get0_group(key);
  const bool is_named = EC_GROUP_get_asn1_flag(group) == OPENSSL_EC_NAMED_CURVE;
  if (at != der.data() + der.size() || !is_named || EC_GROUP_get_curve_name(group) != curve) return std::nullopt;
  return public_key_of(to_der(i2d_EC_PUBKEY, key), curve == NID_secp384r1 ? "ecdsa-p384" : "ecdsa-p256");
}

// What danectl makes, and nearly every key that a server has; nothing for any other.
std::optional<Result<PublicKey>> of_usual_type(Bytes der) {
  const auto pkcs8 = from_der<Pkcs8Ptr>(d2i_PKCS8_PRIV_KEY_INFO, der);
  const ASN1_OBJECT* type = nullptr;
  const unsigned char* start = nullptr;
  int length = 0;
  const X509_ALGOR* algorithm = nullptr;
  if (!pkcs8 || PKCS8_pkey_get0(&type, &start, &length, &algorithm, pkcs8.get()) != 1 || length <= 0) {
    return std::nullopt;
  }
  const Bytes key(start, static_cast<std::size_t>(length));
  int kind_of_parameter = 0;
  const void* parameter = nullptr;
  X509_ALGOR_get0(nullptr, &kind_of_parameter, &parameter, algorithm);
  if (OBJ_obj2nid(type) == NID_rsaEncryption && kind_of_parameter == V_ASN1_NULL) return of_rsa(key);
  if (OBJ_obj2nid(type) != NID_X9_62_id_ecPublicKey || kind_of_parameter != V_ASN1_OBJECT) return std::nullopt;
  const int curve = OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(parameter));
  if (curve != NID_X9_62_prime256v1 && curve != NID_secp384r1) return std::nullopt;
  return of_ec(key, curve);
}

}  // namespace

std::optional<Result<PublicKey>> public_key_of_private(Bytes der) {
  if (auto key = of_usual_type(der)) return key;
  ERR_clear_error();
  const auto key = from_der<PkeyPtr>(d2i_AutoPrivateKey, der);
  if (!key) return std::nullopt;
  return public_key_of(key.get());
}

}  // namespace danectl
