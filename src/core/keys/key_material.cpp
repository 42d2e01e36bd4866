#include "core/keys/key_material.hpp"

#include "core/base/digest.hpp"
#include "core/base/memo.hpp"
#include "core/keys/openssl_ptr.hpp"
#include "core/keys/parsed_certificate.hpp"
#include "core/keys/pem_blocks.hpp"
#include "core/keys/private_key.hpp"
#include "core/keys/public_key.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace danectl {

namespace {

using Bytes = std::span<const std::uint8_t>;

Error encrypted_key() {
  return failed(
      "the private key is encrypted",
      "servers and certbot need it without a passphrase: decrypt it with `openssl pkey -in FILE -out NEWFILE`");
}

Result<KeyMaterial> material(MaterialKind kind, const Result<PublicKey>& key) {
  if (!key) return key.error();
  return KeyMaterial{kind, key->id, key->type_text};
}

// Each reader returns null when the bytes are something else.
using Reader = std::optional<Result<KeyMaterial>> (*)(Bytes);

std::optional<Result<KeyMaterial>> as_certificate(Bytes der) {
  const auto certificate = parsed_certificate(der);
  if (!certificate) return std::nullopt;
  return material(MaterialKind::certificate, certificate->key);
}

std::optional<Result<KeyMaterial>> as_request(Bytes der) {
  const auto request = from_der<X509ReqPtr>(d2i_X509_REQ, der);
  if (!request) return std::nullopt;
  return material(MaterialKind::csr, public_key_of(X509_REQ_get_X509_PUBKEY(request.get())));
}

std::optional<Result<KeyMaterial>> as_encrypted_key(Bytes der) {
  if (!from_der<X509SigPtr>(d2i_X509_SIG, der)) return std::nullopt;
  return encrypted_key();
}

// Each once in a call: the same key stands in several files of a lineage.
std::optional<Result<KeyMaterial>> as_private_key(Bytes der) {
  thread_local Memo<KeyMaterial> memo;
  const std::string digest = digest_of({reinterpret_cast<const char*>(der.data()), der.size()});
  if (auto known = memo.find(digest)) return Result<KeyMaterial>(*std::move(known));
  const auto key = public_key_of_private(der);
  if (!key) return std::nullopt;
  auto read = material(MaterialKind::private_key, *key);
  if (read) memo.keep(digest, *read);
  return read;
}

std::optional<Result<KeyMaterial>> as_public_key(Bytes der) {
  const auto spki = from_der<X509PubkeyPtr>(d2i_X509_PUBKEY, der);
  if (!spki) return std::nullopt;
  return material(MaterialKind::public_key, public_key_of(spki.get()));
}

EVP_PKEY* decode_rsa_public_key(EVP_PKEY** out, const unsigned char** at, long length) {
  return d2i_PublicKey(EVP_PKEY_RSA, out, at, length);
}

std::optional<Result<KeyMaterial>> as_rsa_public_key(Bytes der) {
  const auto key = from_der<PkeyPtr>(decode_rsa_public_key, der);
  if (!key) return std::nullopt;
  return material(MaterialKind::public_key, public_key_of(key.get()));
}

// Null for a block that names no key: parameters, revocation lists.
Reader reader_of(std::string_view label) {
  if (label == "CERTIFICATE" || label == "X509 CERTIFICATE") return as_certificate;
  if (label == "CERTIFICATE REQUEST" || label == "NEW CERTIFICATE REQUEST") return as_request;
  if (label == "ENCRYPTED PRIVATE KEY") return as_encrypted_key;
  if (label == "PRIVATE KEY" || label == "RSA PRIVATE KEY" || label == "EC PRIVATE KEY") return as_private_key;
  if (label == "PUBLIC KEY") return as_public_key;
  if (label == "RSA PUBLIC KEY") return as_rsa_public_key;
  return nullptr;
}

Result<KeyMaterial> read_block(const PemBlock& block, Reader reader) {
  if (block.encrypted) return encrypted_key();
  ERR_clear_error();
  if (auto read = reader(block.der)) {
    ERR_clear_error();
    return *std::move(read);
  }
  return failed(fmt::format("the {} in it cannot be read: {}", block.label, take_openssl_error()));
}

constexpr std::string_view what_is_read = "give a private key, a public key, a certificate request or a certificate";

Error nothing_recognised(const std::vector<PemBlock>& blocks) {
  if (blocks.empty()) return failed("it holds no key, request or certificate in PEM or DER", std::string(what_is_read));
  std::vector<std::string_view> labels;
  labels.reserve(blocks.size());
  for (const PemBlock& block : blocks) labels.emplace_back(block.label);
  labels.resize(std::min<std::size_t>(labels.size(), 3));
  return failed(fmt::format("it holds no key, request or certificate, only {}", fmt::join(labels, ", ")),
                std::string(what_is_read));
}

// A key beside its own certificate, as in combined.pem, is one key and clear; two keys are not.
Result<KeyMaterial> from_pem(const std::vector<PemBlock>& blocks) {
  std::optional<KeyMaterial> first;
  bool after_a_certificate = false;
  for (const PemBlock& block : blocks) {
    const Reader reader = reader_of(block.label);
    if (reader == nullptr) continue;
    auto read = read_block(block, reader);
    if (!read) return read;
    const bool certificate = read->kind == MaterialKind::certificate;
    // Of a chain only the first certificate is the end entity's.
    if (certificate && std::exchange(after_a_certificate, true)) continue;
    if (!first) {
      first = std::move(*read);
    } else if (!(first->id == read->id)) {
      return failed(fmt::format("it holds a {} and a {} of different keys, so which one is meant is unclear",
                                to_text(first->kind), to_text(read->kind)),
                    "give one key a file");
    }
  }
  if (!first) return nothing_recognised(blocks);
  return *std::move(first);
}

std::optional<Result<KeyMaterial>> from_der_bytes(Bytes der) {
  // Requests and certificates first: what is in them is compared octet by octet. An encrypted key before the guess at
  // private keys, which must never ask for a passphrase.
  for (const Reader reader :
       {as_certificate, as_request, as_encrypted_key, as_public_key, as_private_key, as_rsa_public_key}) {
    auto read = reader(der);
    ERR_clear_error();
    if (read) return read;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_text(MaterialKind kind) {
  switch (kind) {
    case MaterialKind::private_key:
      return "key";
    case MaterialKind::public_key:
      return "public";
    case MaterialKind::csr:
      return "csr";
    case MaterialKind::certificate:
      break;
  }
  return "certificate";
}

Result<KeyMaterial> read_key_material(std::string_view bytes) {
  if (bytes.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return failed("it is empty", std::string(what_is_read));
  const auto blocks = read_pem_blocks(bytes);
  if (!blocks) return blocks.error();
  constexpr char sequence = 0x30;  // every DER that is read here begins with it
  if (blocks->empty() && bytes.front() == sequence) {
    const Bytes der(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (auto read = from_der_bytes(der)) return *std::move(read);
  }
  return from_pem(*blocks);
}

Result<KeyId> read_private_key(std::string_view pem) {
  const auto blocks = read_pem_blocks(pem);
  if (!blocks) return blocks.error();
  auto read = from_pem(*blocks);
  if (!read) return read.error();
  const bool has_private_key = std::any_of(
      blocks->begin(), blocks->end(), [](const PemBlock& block) { return reader_of(block.label) == &as_private_key; });
  if (!has_private_key) return failed("it holds no private key");
  return read->id;
}

}  // namespace danectl
