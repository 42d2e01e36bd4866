#include "core/keys/parsed_certificate.hpp"

#include "core/base/digest.hpp"
#include "core/base/memo.hpp"
#include "core/keys/pem_blocks.hpp"

namespace danectl {

namespace {

// OpenSSL's objects are some ten kilobytes each, and of one lineage there are a few.
constexpr std::size_t most_parsed = 200;

bool has_signed(X509* issuer, X509* certificate) {
  EVP_PKEY* const key = X509_get0_pubkey(issuer);
  const bool yes =
      X509_check_issued(issuer, certificate) == X509_V_OK && key != nullptr && X509_verify(certificate, key) == 1;
  ERR_clear_error();
  return yes;
}

}  // namespace

ParsedCertificatePtr parsed_certificate(std::span<const std::uint8_t> der) {
  thread_local Memo<ParsedCertificatePtr> memo(most_parsed);
  std::string digest = digest_of({reinterpret_cast<const char*>(der.data()), der.size()});
  if (auto known = memo.find(digest)) return *known;
  auto x509 = from_der<X509Ptr>(d2i_X509, der);
  if (!x509) return nullptr;
  const auto key = public_key_of(X509_get_X509_PUBKEY(x509.get()));
  auto parsed = std::make_shared<const ParsedCertificate>(ParsedCertificate{digest, std::move(x509), key});
  memo.keep(digest, parsed);
  return parsed;
}

ParsedCertificatePtr parsed_certificate(const std::string& pem) {
  thread_local Memo<ParsedCertificatePtr> memo(most_parsed);
  if (auto known = memo.find(pem)) return *known;
  const auto blocks = read_pem_blocks(pem);
  auto parsed = blocks && blocks->size() == 1 ? parsed_certificate(blocks->front().der) : nullptr;
  if (parsed) memo.keep(pem, parsed);
  return parsed;
}

bool is_signed_by(const ParsedCertificate& certificate, const ParsedCertificate& issuer) {
  thread_local Memo<bool> memo;
  const std::string both = certificate.digest + issuer.digest;
  if (const auto known = memo.find(both)) return *known;
  const bool yes = has_signed(issuer.x509.get(), certificate.x509.get());
  memo.keep(both, yes);
  return yes;
}

}  // namespace danectl
