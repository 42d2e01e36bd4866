// A certificate as OpenSSL's object, parsed once in a call: one intermediate stands in the files of every lineage. Only
// sources of the core include this.
#pragma once

#include "core/keys/public_key.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace danectl {

struct ParsedCertificate {
  std::string digest;  // of its bytes, as digest_of(): what the memos know it by
  X509Ptr x509;
  Result<PublicKey> key;
};
using ParsedCertificatePtr = std::shared_ptr<const ParsedCertificate>;

// Null unless all the bytes are one certificate; OpenSSL's queue has the reason then.
ParsedCertificatePtr parsed_certificate(std::span<const std::uint8_t> der);

// Of one certificate in PEM. Null unless it is just that.
ParsedCertificatePtr parsed_certificate(const std::string& pem);

// By name, key identifier, usage (RFC 5280 section 6.1) and signature.
bool is_signed_by(const ParsedCertificate& certificate, const ParsedCertificate& issuer);

}  // namespace danectl
