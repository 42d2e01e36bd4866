// Owners of OpenSSL's objects, and its error queue as text. Only sources include this, no header of the core does.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace danectl {

template <auto free_function>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};

template <class T, auto free_function>
using OpensslPtr = std::unique_ptr<T, OpensslFree<free_function>>;

using BioPtr = OpensslPtr<BIO, BIO_free_all>;
using PkeyPtr = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using X509Ptr = OpensslPtr<X509, X509_free>;
using X509ReqPtr = OpensslPtr<X509_REQ, X509_REQ_free>;
using X509PubkeyPtr = OpensslPtr<X509_PUBKEY, X509_PUBKEY_free>;
using X509SigPtr = OpensslPtr<X509_SIG, X509_SIG_free>;
using X509StorePtr = OpensslPtr<X509_STORE, X509_STORE_free>;
using X509StoreCtxPtr = OpensslPtr<X509_STORE_CTX, X509_STORE_CTX_free>;
using SslCtxPtr = OpensslPtr<SSL_CTX, SSL_CTX_free>;
using SslPtr = OpensslPtr<SSL, SSL_free>;
using GeneralNamesPtr = OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free>;

struct OpensslBytesFree {
  void operator()(void* bytes) const { OPENSSL_free(bytes); }
};
using OpensslBytes = std::unique_ptr<unsigned char, OpensslBytesFree>;
using OpensslText = std::unique_ptr<char, OpensslBytesFree>;

struct CertificateStackFree {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
using CertificateStack = std::unique_ptr<STACK_OF(X509), CertificateStackFree>;

// What OpenSSL's queue of this thread says, and empties it: the oldest entry, which is the cause.
inline std::string take_openssl_error() {
  const unsigned long cause = ERR_get_error();
  ERR_clear_error();
  if (cause == 0) return "OpenSSL gives no reason";
  const char* const reason = ERR_reason_error_string(cause);
  return reason != nullptr ? reason : "OpenSSL error " + std::to_string(ERR_GET_REASON(cause));
}

// A read-only BIO over these bytes, which must outlive it. REQUIRES fewer than 2^31 of them.
inline BioPtr bio_over(std::string_view bytes) {
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

// All that was written to a memory BIO.
inline std::string text_of(BIO* bio) {
  char* start = nullptr;
  const long length = BIO_get_mem_data(bio, &start);
  return length > 0 ? std::string(start, static_cast<std::size_t>(length)) : std::string{};
}

// The DER that an i2d function makes of an object; empty when it could not.
template <class T>
std::vector<std::uint8_t> to_der(int (*encode)(const T*, unsigned char**), const T* object) {
  unsigned char* start = nullptr;
  const int length = encode(object, &start);
  const OpensslBytes owner(start);
  if (length <= 0) return {};
  return {start, start + length};
}

// Decodes with a d2i function; null unless all the bytes are one object.
template <class Ptr, class T>
Ptr from_der(T* (*decode)(T**, const unsigned char**, long), std::span<const std::uint8_t> der) {
  const unsigned char* at = der.data();
  Ptr object(decode(nullptr, &at, static_cast<long>(der.size())));
  if (at != der.data() + der.size()) object.reset();
  return object;
}

}  // namespace danectl
