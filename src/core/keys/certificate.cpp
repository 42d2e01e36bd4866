#include "core/keys/certificate.hpp"

#include "core/base/digest.hpp"
#include "core/base/memo.hpp"
#include "core/keys/parsed_certificate.hpp"
#include "core/keys/pem_blocks.hpp"

#include <algorithm>
#include <ctime>
#include <optional>

#include <fmt/format.h>
#include <openssl/pem.h>

namespace danectl {

namespace {

// Far over every real chain (3 or 4), far under what would make the search for issuers slow.
constexpr std::size_t longest_chain = 50;

Result<WallTime> time_of(const ASN1_TIME* time) {
  std::tm broken_down{};
  if (ASN1_TIME_to_tm(time, &broken_down) != 1) return failed("a date in the certificate cannot be read");
  const std::chrono::year_month_day date{std::chrono::year{broken_down.tm_year + 1900},
                                         std::chrono::month{static_cast<unsigned>(broken_down.tm_mon + 1)},
                                         std::chrono::day{static_cast<unsigned>(broken_down.tm_mday)}};
  return WallTime{std::chrono::sys_days{date} + std::chrono::hours{broken_down.tm_hour} +
                  std::chrono::minutes{broken_down.tm_min} + Seconds{broken_down.tm_sec}};
}

// A name of anything but printable ASCII matches no host, and would forge lines of output: nothing.
std::optional<std::string> dns_name_of(const GENERAL_NAME* name) {
  if (name->type != GEN_DNS) return std::nullopt;
  const unsigned char* const start = ASN1_STRING_get0_data(name->d.dNSName);
  std::string text(start, start + ASN1_STRING_length(name->d.dNSName));
  for (char& c : text) {
    if (c <= ' ' || c > '~') return std::nullopt;
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::vector<std::string> names_of(const X509* certificate) {
  const GeneralNamesPtr all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> names;
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    if (auto name = dns_name_of(sk_GENERAL_NAME_value(all.get(), i))) names.push_back(std::move(*name));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string one_line(const X509_NAME* name) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (!out) return {};
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);
  return text_of(out.get());
}

Result<Certificate> values_of(const ParsedCertificate& parsed) {
  thread_local Memo<Certificate> memo;
  if (auto known = memo.find(parsed.digest)) return *std::move(known);
  if (!parsed.key) return parsed.key.error();
  X509* const x509 = parsed.x509.get();
  Certificate certificate{};
  certificate.key = parsed.key->id;
  auto fingerprint = digest_hex(to_der(i2d_X509, x509), Digest::sha256);
  if (!fingerprint) return fingerprint.error();
  certificate.fingerprint = std::move(*fingerprint);
  certificate.names = names_of(x509);
  certificate.subject = one_line(X509_get_subject_name(x509));
  certificate.issuer = one_line(X509_get_issuer_name(x509));
  const auto not_before = time_of(X509_get0_notBefore(x509));
  if (!not_before) return not_before.error();
  const auto not_after = time_of(X509_get0_notAfter(x509));
  if (!not_after) return not_after.error();
  certificate.not_before = *not_before;
  certificate.not_after = *not_after;
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (!out || PEM_write_bio_X509(out.get(), x509) != 1) {
    return failed("OpenSSL cannot write the certificate: " + take_openssl_error());
  }
  certificate.pem = text_of(out.get());
  certificate.is_ca = X509_check_ca(x509) > 0;
  memo.keep(parsed.digest, certificate);
  return certificate;
}

using Certificates = std::vector<ParsedCertificatePtr>;

Result<Certificates> read_certificates(std::string_view pem) {
  const auto blocks = read_pem_blocks(pem);
  if (!blocks) return blocks.error();
  Certificates certificates;
  for (const PemBlock& block : *blocks) {
    if (block.label != "CERTIFICATE" && block.label != "X509 CERTIFICATE") continue;
    auto certificate = parsed_certificate(block.der);
    if (!certificate) {
      return failed(
          fmt::format("certificate {} in it cannot be read: {}", certificates.size() + 1, take_openssl_error()));
    }
    certificates.push_back(std::move(certificate));
  }
  if (certificates.size() > longest_chain) {
    return failed(fmt::format("it holds {} certificates, too many for a chain", certificates.size()));
  }
  return certificates;
}

// A lineage's few, which stand in several files each: certbot's and ours. Texts of certificates are no secret.
constexpr std::size_t most_texts = 64;

// The next certificate is the usual issuer; other orders are found all the same.
std::string issuer_key_of(std::size_t index, const Certificates& parsed, const Chain& chain) {
  for (std::size_t step = 1; step <= parsed.size(); ++step) {
    const std::size_t other = (index + step) % parsed.size();
    if (is_signed_by(*parsed[index], *parsed[other])) return chain.certificates[other].key.sha256;
  }
  return {};
}

Result<Chain> parse_text(std::string_view pem) {
  const auto parsed = read_certificates(pem);
  if (!parsed) return parsed.error();
  if (parsed->empty()) return failed("it holds no certificate in PEM");
  Chain chain;
  for (const ParsedCertificatePtr& certificate : *parsed) {
    auto values = values_of(*certificate);
    if (!values) return failed(fmt::format("certificate {}: {}", chain.certificates.size() + 1, values.error().what));
    chain.certificates.push_back(std::move(*values));
  }
  for (std::size_t i = 0; i < parsed->size(); ++i) chain.certificates[i].issuer_key = issuer_key_of(i, *parsed, chain);
  ERR_clear_error();
  return chain;
}

}  // namespace

std::string Chain::leaf_pem() const {
  return certificates.empty() ? std::string{} : leaf().pem;
}

std::string Chain::issuers_pem() const {
  std::string text;
  for (std::size_t i = 1; i < certificates.size(); ++i) text += certificates[i].pem;
  return text;
}

std::string Chain::pem() const {
  return leaf_pem() + issuers_pem();
}

Result<Chain> parse_chain(std::string_view pem) {
  thread_local Memo<Chain> memo(most_texts);
  const std::string text(pem);
  if (auto known = memo.find(text)) return *std::move(known);
  auto chain = parse_text(pem);
  if (chain) memo.keep(text, *chain);
  return chain;
}

Result<Chain> read_chain(std::string_view bytes) {
  if (bytes.find("-----BEGIN ") != std::string_view::npos) return parse_chain(bytes);
  if (bytes.find_first_not_of(" \t\r\n") == std::string_view::npos) return failed("it is empty");
  if (bytes.size() > longest_key_file) return failed("it is over 1 MiB, too big for a chain of certificates");
  const auto parsed = parsed_certificate({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  ERR_clear_error();
  if (!parsed) return failed("it holds no certificate in PEM or DER");
  const auto certificate = values_of(*parsed);
  if (!certificate) return certificate.error();
  return parse_chain(certificate->pem);
}

namespace {

Status complete(const Chain& chain, const std::string& pem) {
  const auto parsed = read_certificates(pem);
  if (!parsed) return parsed.error();
  if (parsed->empty()) return failed("the chain is empty");
  for (std::size_t i = 0; i + 1 < parsed->size(); ++i) {
    if (is_signed_by(*(*parsed)[i], *(*parsed)[i + 1])) continue;
    return failed(fmt::format("the chain is broken: certificate {} of {} is not signed by the one after it, but by {}",
                              i + 1, parsed->size(), chain.certificates[i].issuer),
                  "put the end entity first and after each certificate that of its issuer");
  }
  if (parsed->size() == 1 && X509_self_signed(parsed->front()->x509.get(), 1) != 1) {
    ERR_clear_error();
    return failed("the chain is not complete: the certificate of the issuer is missing: " + chain.leaf().issuer,
                  "give the whole chain, as in certbot's fullchain.pem");
  }
  return {};
}

}  // namespace

Status check_complete(const Chain& chain) {
  thread_local Memo<Status> memo;
  const std::string pem = chain.pem();
  const std::string digest = digest_of(pem);
  if (const auto known = memo.find(digest)) return *known;
  Status result = complete(chain, pem);
  memo.keep(digest, result);
  return result;
}

}  // namespace danectl
