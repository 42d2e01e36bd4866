// Certificates and their chains as danectl needs them, read with OpenSSL. All values: no files here.
#pragma once

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/keys/key_id.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace danectl {

struct Certificate {
  KeyId key;
  std::string fingerprint;         // SHA-256 of the DER, lower-case hexadecimal
  std::vector<std::string> names;  // dNSName SANs, lower case, sorted
  std::string subject;             // one line, for messages
  std::string issuer;              // likewise
  std::string issuer_key;          // sha256 of the issuer's SPKI when the chain has it, else empty
  WallTime not_before;
  WallTime not_after;
  std::string pem;
  bool is_ca = false;  // may issue others (RFC 5280 section 4.2.1.9)
};

// End-entity first, as in certbot's fullchain.pem.
struct Chain {
  std::vector<Certificate> certificates;
  [[nodiscard]] const Certificate& leaf() const { return certificates.front(); }
  [[nodiscard]] std::string leaf_pem() const;     // cert.pem
  [[nodiscard]] std::string issuers_pem() const;  // chain.pem
  [[nodiscard]] std::string pem() const;          // fullchain.pem
};

// REQUIRES nothing; at least one certificate or an error. Text between the certificates is dropped.
Result<Chain> parse_chain(std::string_view pem);

// A chain in PEM, or one certificate in DER.
Result<Chain> read_chain(std::string_view bytes);

// Each certificate of the file is signed by the next, and there is more than the leaf unless the leaf is
// self-signed. No CA store is asked.
Status check_complete(const Chain& chain);

}  // namespace danectl
