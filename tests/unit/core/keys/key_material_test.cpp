#include "core/keys/key_material.hpp"

#include "core/keys/openssl_ptr.hpp"
#include "core/keys/pem_blocks.hpp"
#include "core/keys/public_key.hpp"
#include "fakes/test_ca.hpp"

#include <openssl/core_names.h>
#include <openssl/encoder.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

using EncoderPtr = OpensslPtr<OSSL_ENCODER_CTX, OSSL_ENCODER_CTX_free>;

const char* const pkcs8 = "PrivateKeyInfo";
const char* const traditional = "type-specific";
const char* const spki_structure = "SubjectPublicKeyInfo";

std::string encode(const EVP_PKEY* key, int selection, const char* format, const char* structure,
                   const char* passphrase = nullptr) {
  const EncoderPtr encoder(OSSL_ENCODER_CTX_new_for_pkey(key, selection, format, structure, nullptr));
  if (passphrase != nullptr) {
    REQUIRE(OSSL_ENCODER_CTX_set_cipher(encoder.get(), "AES-256-CBC", nullptr) == 1);
    REQUIRE(OSSL_ENCODER_CTX_set_passphrase(encoder.get(), reinterpret_cast<const unsigned char*>(passphrase), 4) == 1);
  }
  const BioPtr out(BIO_new(BIO_s_mem()));
  REQUIRE(OSSL_ENCODER_to_bio(encoder.get(), out.get()) == 1);
  return text_of(out.get());
}

std::string private_key(const EVP_PKEY* key, const char* format, const char* structure,
                        const char* passphrase = nullptr) {
  return encode(key, EVP_PKEY_KEYPAIR, format, structure, passphrase);
}

std::string public_key(const EVP_PKEY* key, const char* format, const char* structure) {
  return encode(key, EVP_PKEY_PUBLIC_KEY, format, structure);
}

std::string sha256_of(const std::string& der) {
  const auto* const start = reinterpret_cast<const std::uint8_t*>(der.data());
  return *digest_hex({start, der.size()}, Digest::sha256);
}

// What must come out, without the code under test: the digest of the SPKI as OpenSSL writes it.
std::string expected(const EVP_PKEY* key) {
  return sha256_of(public_key(key, "DER", spki_structure));
}

PkeyPtr ec_key(const char* curve) {
  PkeyPtr key(EVP_EC_gen(curve));
  REQUIRE(key);
  return key;
}

std::string der_of(const std::string& pem) {
  const auto blocks = read_pem_blocks(pem);
  REQUIRE(blocks.ok());
  return {blocks->front().der.begin(), blocks->front().der.end()};
}

KeyMaterial material_of(const std::string& bytes) {
  const auto material = read_key_material(bytes);
  if (!material) FAIL(material.error().what);
  return *material;
}

std::string refusal_of(const std::string& bytes) {
  const auto material = read_key_material(bytes);
  REQUIRE_FALSE(material.ok());
  CHECK(material.error().kind == ErrorKind::failed);
  return material.error().what;
}

std::string chain_for(const std::string& key) {
  return TestCa().issue({"mx.example.com"}, key, WallTime{}, WallTime{std::chrono::hours{24}});
}

}  // namespace

TEST_CASE("an elliptic curve key has one digest in every form") {
  const PkeyPtr key = ec_key("P-256");
  const auto* const format = GENERATE("PEM", "DER");
  for (const std::string& bytes :
       {private_key(key.get(), format, pkcs8), private_key(key.get(), format, traditional)}) {
    const KeyMaterial material = material_of(bytes);
    CHECK(material.kind == MaterialKind::private_key);
    CHECK(material.id.sha256 == expected(key.get()));
    CHECK(material.id.type == KeyType::ecdsa_p256);
    CHECK(material.type_text == "ecdsa-p256");
  }
  const KeyMaterial material = material_of(public_key(key.get(), format, spki_structure));
  CHECK(material.kind == MaterialKind::public_key);
  CHECK(material.id.sha256 == expected(key.get()));
}

TEST_CASE("an RSA key has one digest in every form") {
  const PkeyPtr key(EVP_RSA_gen(2048));
  const auto* const format = GENERATE("PEM", "DER");
  for (const std::string& bytes :
       {private_key(key.get(), format, pkcs8), private_key(key.get(), format, traditional)}) {
    const KeyMaterial material = material_of(bytes);
    CHECK(material.kind == MaterialKind::private_key);
    CHECK(material.id.sha256 == expected(key.get()));
    CHECK(material.id.type == KeyType::rsa_2048);
  }
  for (const std::string& bytes :
       {public_key(key.get(), format, spki_structure), public_key(key.get(), format, traditional)}) {
    const KeyMaterial material = material_of(bytes);
    CHECK(material.kind == MaterialKind::public_key);
    CHECK(material.id.sha256 == expected(key.get()));
    CHECK(material.type_text == "rsa-2048");
  }
}

TEST_CASE("key, request and certificate of one key have the same digest") {
  const std::string key = test_key();
  const std::string digest = material_of(key).id.sha256;
  const std::string request = test_request(key, {"mx.example.com"});
  const std::string chain = chain_for(key);
  for (const std::string& bytes : {request, der_of(request)}) {
    CHECK(material_of(bytes).kind == MaterialKind::csr);
    CHECK(material_of(bytes).id.sha256 == digest);
  }
  for (const std::string& bytes : {chain, der_of(chain)}) {
    CHECK(material_of(bytes).kind == MaterialKind::certificate);
    CHECK(material_of(bytes).id.sha256 == digest);
    CHECK(material_of(bytes).id.sha512.size() == 128);
  }
}

TEST_CASE("types that danectl does not make are named all the same") {
  CHECK(material_of(private_key(ec_key("P-384").get(), "PEM", pkcs8)).id.type == KeyType::ecdsa_p384);
  CHECK(material_of(private_key(ec_key("P-521").get(), "PEM", pkcs8)).type_text == "ecdsa-secp521r1");
  const PkeyPtr small(EVP_RSA_gen(1024));
  CHECK(material_of(private_key(small.get(), "PEM", pkcs8)).type_text == "rsa-1024");
  CHECK(material_of(private_key(small.get(), "PEM", pkcs8)).id.type == KeyType::other);
  const PkeyPtr ed25519(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  for (const auto* format : {"PEM", "DER"}) {
    CHECK(material_of(private_key(ed25519.get(), format, pkcs8)).type_text == "ed25519");
    CHECK(material_of(public_key(ed25519.get(), format, spki_structure)).id.sha256 == expected(ed25519.get()));
  }
}

TEST_CASE("a compressed point and explicit parameters stay as they are") {
  const PkeyPtr key = ec_key("P-256");
  const std::string plain = expected(key.get());
  REQUIRE(EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed") == 1);
  const std::string compressed = public_key(key.get(), "DER", spki_structure);
  CHECK(material_of(compressed).id.sha256 == sha256_of(compressed));
  CHECK(material_of(compressed).id.sha256 != plain);
  const std::string certificate = self_signed(private_key(key.get(), "PEM", pkcs8), {"mx.example.com"});
  CHECK(material_of(certificate).id.sha256 == sha256_of(compressed));

  REQUIRE(EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_ENCODING, "explicit") == 1);
  const std::string explicit_parameters = public_key(key.get(), "DER", spki_structure);
  CHECK(material_of(explicit_parameters).id.sha256 == sha256_of(explicit_parameters));
  CHECK(material_of(explicit_parameters).type_text == "ecdsa-explicit");
  CHECK(material_of(explicit_parameters).id.type == KeyType::other);
}

TEST_CASE("a private key that leaves its public key out has the same digest") {
  const PkeyPtr key = ec_key(GENERATE("P-256", "P-384"));
  const std::string whole = private_key(key.get(), "DER", pkcs8);
  constexpr int with_public_key = 0;
  REQUIRE(EVP_PKEY_set_int_param(key.get(), OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, with_public_key) == 1);
  const std::string bytes = private_key(key.get(), "DER", pkcs8);
  CHECK(bytes.size() < whole.size());
  CHECK(material_of(bytes).id.sha256 == expected(key.get()));
}

TEST_CASE("a PKCS#8 of one curve around a key of another is refused") {
  std::string bytes = private_key(ec_key("P-256").get(), "DER", pkcs8);
  const std::string p256("\x2a\x86\x48\xce\x3d\x03\x01\x07", 8);
  const auto at = bytes.find(p256);
  REQUIRE(at != std::string::npos);
  bytes.replace(at, p256.size(), std::string("\x2a\x86\x48\xce\x3d\x03\x01\x01", 8));  // prime192v1
  CHECK_FALSE(read_key_material(bytes).ok());
}

TEST_CASE("a key that stands where another was is read anew") {
  const std::string one = private_key(ec_key("P-256").get(), "PEM", pkcs8);
  const PkeyPtr other = ec_key("P-256");
  const std::string in_its_place = private_key(other.get(), "PEM", pkcs8);
  REQUIRE(one.size() == in_its_place.size());
  CHECK(*read_private_key(one) == *read_private_key(one));
  CHECK(read_private_key(in_its_place)->sha256 == expected(other.get()));
}

TEST_CASE("text and curve parameters around a key are skipped") {
  const PkeyPtr key = ec_key("P-256");
  const std::string parameters = encode(key.get(), EVP_PKEY_KEY_PARAMETERS, "PEM", traditional);
  REQUIRE(parameters.find("EC PARAMETERS") != std::string::npos);
  const std::string file = "Bag Attributes\n  0 friendlyName: mx\n\n" + parameters + "\n" +
                           private_key(key.get(), "PEM", traditional) + "\nthe end";
  CHECK(material_of(file).id.sha256 == expected(key.get()));
  CHECK(material_of("0 begins with the octet of DER\n" + file).kind == MaterialKind::private_key);
}

TEST_CASE("lines may end as on Windows") {
  std::string file;
  for (const char c : test_key()) file += c == '\n' ? std::string("\r\n") : std::string(1, c);
  CHECK(material_of(file).kind == MaterialKind::private_key);
}

TEST_CASE("a key beside its own chain is what the first block says") {
  const std::string key = test_key();
  const std::string chain = chain_for(key);
  CHECK(material_of(key + chain).kind == MaterialKind::private_key);
  CHECK(material_of(chain + key).kind == MaterialKind::certificate);
  CHECK(material_of(chain + key).id == material_of(key).id);
}

TEST_CASE("different keys in one file are unclear") {
  const std::string key = test_key();
  CHECK(refusal_of(key + test_key()) == "it holds a key and a key of different keys, so which one is meant is unclear");
  CHECK(refusal_of(key + chain_for(test_key())) ==
        "it holds a key and a certificate of different keys, so which one is meant is unclear");
  CHECK(material_of(key + key).kind == MaterialKind::private_key);
}

TEST_CASE("an encrypted key is refused with the way out") {
  const PkeyPtr key = ec_key("P-256");
  for (const std::string& bytes :
       {private_key(key.get(), "PEM", pkcs8, "pass"), private_key(key.get(), "DER", pkcs8, "pass"),
        private_key(key.get(), "PEM", traditional, "pass")}) {
    const auto material = read_key_material(bytes);
    REQUIRE_FALSE(material.ok());
    CHECK(material.error().what == "the private key is encrypted");
    CHECK(material.error().hint.find("openssl pkey") != std::string::npos);
  }
}

TEST_CASE("nothing to read is said plainly") {
  CHECK(refusal_of("") == "it is empty");
  CHECK(refusal_of(" \r\n\t") == "it is empty");
  const std::string nothing = "it holds no key, request or certificate in PEM or DER";
  CHECK(refusal_of("hello") == nothing);
  CHECK(refusal_of(std::string("\0\0\0", 3)) == nothing);
  CHECK(refusal_of("0") == nothing);
  CHECK(refusal_of("0\x82\xff\xff") == nothing);
  CHECK(refusal_of(std::string(100000, '0')) == nothing);
  CHECK(refusal_of("-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n") ==
        "it holds no key, request or certificate, only X509 CRL");
}

TEST_CASE("a file too big to be a key is not searched") {
  CHECK(refusal_of(std::string(longest_key_file + 1, 'x')) ==
        "it is over 1 MiB, too big for a key or a chain of certificates");
}

TEST_CASE("a cut or garbled file is refused at every length") {
  const std::string key = test_key();
  for (std::size_t length = 1; length + 2 < key.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(read_key_material(key.substr(0, length)).ok());
  }
  const std::string der = der_of(key);
  for (std::size_t length = 1; length < der.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(read_key_material(der.substr(0, length)).ok());
  }
  CHECK_FALSE(read_key_material(der + std::string(1, '\0')).ok());
}

TEST_CASE("a PEM block whose content is no key is named") {
  const std::string what = refusal_of("-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n");
  CHECK(what.substr(0, 36) == "the PUBLIC KEY in it cannot be read:");
  CHECK(refusal_of("-----BEGIN PUBLIC KEY-----\nMA*=\n-----END PUBLIC KEY-----\n").substr(0, 30) ==
        "PEM block 1 is cut or garbled:");
}

TEST_CASE("no key ever has the digest of nothing") {
  CHECK_FALSE(digest_hex({}, Digest::sha256).ok());
}

TEST_CASE("the private key is found in combined files and asked for elsewhere") {
  const std::string key = test_key();
  const std::string chain = chain_for(key);
  CHECK(read_private_key(key).value() == material_of(key).id);
  CHECK(read_private_key(chain + key).value() == material_of(key).id);
  CHECK(read_private_key(chain).error().what == "it holds no private key");
  CHECK_FALSE(read_private_key("").ok());
  CHECK_FALSE(read_private_key(der_of(key)).ok());
}
