#include "core/keys/trust_store.hpp"

#include "core/keys/openssl_ptr.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/pem.h>

namespace danectl {

namespace {

// The CA bundles of distributions have some 200 KiB.
constexpr std::size_t longest_bundle = std::size_t{16} * 1024 * 1024;

// The end of the file, and no broken block in it.
bool nothing_follows() {
  const unsigned long problem = ERR_peek_last_error();
  return ERR_GET_LIB(problem) == ERR_LIB_PEM && ERR_GET_REASON(problem) == PEM_R_NO_START_LINE;
}

}  // namespace

Status TrustStore::add(std::string_view pem) {
  if (pem.size() > longest_bundle) return failed("it is over 16 MiB, too big for a bundle of CA certificates");
  if (!store_) store_ = {X509_STORE_new(), X509_STORE_free};
  const BioPtr bio = bio_over(pem);
  if (!store_ || !bio) return failed("OpenSSL cannot hold CA certificates: " + take_openssl_error());
  ERR_clear_error();
  while (const X509Ptr certificate{PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr)}) {
    if (X509_STORE_add_cert(store_.get(), certificate.get()) != 1) {
      return failed("OpenSSL cannot hold a CA certificate: " + take_openssl_error());
    }
    ++certificates_;
  }
  if (!nothing_follows()) {
    return failed(fmt::format("CA certificate {} cannot be read: {}", certificates_ + 1, take_openssl_error()));
  }
  ERR_clear_error();
  return {};
}

TrustPlaces default_trust_places() {
  return {X509_get_default_cert_file(), X509_get_default_cert_dir()};
}

bool is_hashed_name(std::string_view file_name) {
  const auto hexadecimal = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  constexpr std::size_t hash = 8;
  if (file_name.size() < hash + 2 || file_name[hash] != '.') return false;
  const std::string_view number = file_name.substr(hash + 1);
  return std::all_of(file_name.begin(), file_name.begin() + hash, hexadecimal) &&
         std::all_of(number.begin(), number.end(), digit);
}

}  // namespace danectl
