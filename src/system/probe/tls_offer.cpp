#include "system/probe/tls_offer.hpp"

#include <fmt/format.h>
#include <openssl/pem.h>

#include <array>

namespace danectl {
namespace {

constexpr const char* rsa_signatures =
    "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:"
    "RSA+SHA256:RSA+SHA384:RSA+SHA512:RSA+SHA224:RSA+SHA1";
constexpr const char* other_signatures = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448:ECDSA+SHA224:ECDSA+SHA1";

// Before TLS 1.3 the cipher suite tells the kind of key, too.
constexpr const char* rsa_ciphers = "aRSA:!aNULL:!eNULL:@SECLEVEL=0";
constexpr const char* other_ciphers = "aECDSA:!aNULL:!eNULL:@SECLEVEL=0";

// A certificate with an ECDSA key is often signed by a CA with an RSA key. Without a list of its own the one for
// handshakes counts for the chain as well, and servers that look at it would take their ECDSA certificate for one that
// this client cannot use (RFC 8446 section 4.2.3). So: everything.
constexpr std::array<unsigned char, 38> signatures_in_chains{
    0x00, 0x24,                                      // octets that follow
    0x04, 0x03, 0x05, 0x03, 0x06, 0x03,              // ECDSA
    0x08, 0x07, 0x08, 0x08,                          // Ed25519, Ed448
    0x08, 0x04, 0x08, 0x05, 0x08, 0x06,              // RSA-PSS
    0x08, 0x09, 0x08, 0x0a, 0x08, 0x0b,              //
    0x04, 0x01, 0x05, 0x01, 0x06, 0x01,              // RSA
    0x03, 0x03, 0x03, 0x01, 0x02, 0x03, 0x02, 0x01,  // with SHA-224, SHA-1
};

int add_signatures_in_chains(SSL*, unsigned, unsigned, const unsigned char** out, std::size_t* length, X509*,
                             std::size_t, int*, void*) {
  *out = signatures_in_chains.data();
  *length = signatures_in_chains.size();
  return 1;
}

}  // namespace

Result<SslCtxPtr> tls_context(OfferedKeys keys, OfferForm form) {
  const bool rsa = keys == OfferedKeys::rsa;
  const bool by_cipher = form == OfferForm::by_cipher;
  const std::string own = rsa ? rsa_signatures : other_signatures;
  const std::string signatures = by_cipher ? fmt::format("{}:{}", rsa_signatures, other_signatures) : own;
  SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const raw = context.get();
  if (raw == nullptr || SSL_CTX_set_min_proto_version(raw, TLS1_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(raw, by_cipher ? TLS1_2_VERSION : 0) != 1 ||
      SSL_CTX_set_cipher_list(raw, rsa ? rsa_ciphers : other_ciphers) != 1 ||
      SSL_CTX_set1_sigalgs_list(raw, signatures.c_str()) != 1) {
    return failed("OpenSSL cannot prepare a TLS client: " + take_openssl_error());
  }
  SSL_CTX_set_security_level(raw, 0);
  SSL_CTX_set_verify(raw, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(raw, SSL_OP_NO_TICKET | SSL_OP_LEGACY_SERVER_CONNECT);
  // An OpenSSL that comes to send it by itself refuses this, and needs it not.
  SSL_CTX_add_custom_ext(raw, TLSEXT_TYPE_signature_algorithms_cert, SSL_EXT_CLIENT_HELLO, add_signatures_in_chains,
                         nullptr, nullptr, nullptr, nullptr);
  ERR_clear_error();
  return context;
}

Status send_server_name(SSL* ssl, const DnsName& host) {
  if (SSL_set_tlsext_host_name(ssl, host.text().c_str()) == 1) return {};
  return failed("OpenSSL cannot send the server name: " + take_openssl_error());
}

Result<Chain> peer_chain(const SSL* ssl) {
  STACK_OF(X509)* const sent = SSL_get_peer_cert_chain(ssl);
  const BioPtr out(BIO_new(BIO_s_mem()));
  for (int i = 0; out && sent != nullptr && i < sk_X509_num(sent); ++i) {
    if (PEM_write_bio_X509(out.get(), sk_X509_value(sent, i)) != 1) {
      return failed("OpenSSL cannot write a certificate of the server: " + take_openssl_error());
    }
  }
  if (!out || sent == nullptr) return failed("the server sent no certificate");
  auto chain = parse_chain(text_of(out.get()));
  if (!chain) return failed("the server's chain cannot be read: " + chain.error().what);
  return chain;
}

std::optional<std::string> alert_of(unsigned long openssl_error) {
  const int reason = ERR_GET_REASON(openssl_error);
  if (ERR_GET_LIB(openssl_error) != ERR_LIB_SSL || reason < SSL_AD_REASON_OFFSET) return std::nullopt;
  return SSL_alert_desc_string_long(reason - SSL_AD_REASON_OFFSET);
}

}  // namespace danectl
