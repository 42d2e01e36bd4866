// What the probes offer in a TLS handshake, and what they read from it, with OpenSSL. No CA is known here.
#pragma once

#include "core/base/result.hpp"
#include "core/keys/certificate.hpp"
#include "core/keys/openssl_ptr.hpp"
#include "ports/server_probe.hpp"

#include <optional>
#include <string>

namespace danectl {

// A client that can verify signatures of one kind of key only: RSA (PKCS#1 and PSS), or all that is not RSA (ECDSA,
// Ed25519, Ed448), so that the two together miss no certificate. TLS 1.0 to 1.3, and no limit to how weak the server
// may be: to say so is for those who ask.
//
// Some servers with TLS 1.2 want the whole chain signed as the client offers, and say that they have no ECDSA
// certificate when a CA with an RSA key has signed it. `by_cipher` has no TLS 1.3 and all signatures: the cipher suites
// alone tell the kind of key.
enum class OfferForm { by_signature, by_cipher };
Result<SslCtxPtr> tls_context(OfferedKeys keys, OfferForm form);

// SNI. The name is that of the probe's URL, the TLSA base domain (RFC 7671 section 7).
Status send_server_name(SSL* ssl, const DnsName& host);

// After a completed handshake: what the server sent, in its order.
Result<Chain> peer_chain(const SSL* ssl);

// "handshake failure", when the error is an alert that the peer sent.
std::optional<std::string> alert_of(unsigned long openssl_error);

}  // namespace danectl
