#include "system/host/openssl_key_maker.hpp"

#include "core/keys/openssl_ptr.hpp"

#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace danectl {

namespace {

PkeyPtr generate(KeyType type) {
  switch (type) {
    case KeyType::rsa_2048:
      return PkeyPtr(EVP_RSA_gen(2048));
    case KeyType::rsa_3072:
      return PkeyPtr(EVP_RSA_gen(3072));
    case KeyType::rsa_4096:
      return PkeyPtr(EVP_RSA_gen(4096));
    case KeyType::ecdsa_p256:
      return PkeyPtr(EVP_EC_gen("P-256"));
    case KeyType::ecdsa_p384:
      return PkeyPtr(EVP_EC_gen("P-384"));
    case KeyType::other:
      break;
  }
  return nullptr;
}

}  // namespace

Result<std::string> OpensslKeyMaker::make(KeyType type) {
  ERR_clear_error();
  const PkeyPtr key = generate(type);
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (!key || !out || PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return failed("cannot make a key of type " + std::string(to_text(type)) + ": " + take_openssl_error());
  }
  return text_of(out.get());
}

}  // namespace danectl
