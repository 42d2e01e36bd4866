// The CAs that somebody trusts: what the usages of TLSA records that lean on PKIX (0 and 1) need besides the records.
#pragma once

#include "core/base/result.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct x509_store_st;

namespace danectl {

class TrustStore {
 public:
  // The certificates in a PEM text, among other things or none; those with OpenSSL's trust settings too. A certificate
  // that is cut or garbled is an error (`what` without the file's name).
  Status add(std::string_view pem);

  [[nodiscard]] bool empty() const { return certificates_ == 0; }
  // OpenSSL's X509_STORE; null while it is empty.
  [[nodiscard]] x509_store_st* get() const { return store_.get(); }

 private:
  std::shared_ptr<x509_store_st> store_;
  std::size_t certificates_ = 0;
};

// Where this OpenSSL looks for CAs unless told otherwise: one file with many, and a folder of files called by the hash
// of the subject ("4042bcee.0").
struct TrustPlaces {
  std::string file;
  std::string folder;
};
TrustPlaces default_trust_places();
bool is_hashed_name(std::string_view file_name);

}  // namespace danectl
