// The certificates that `issuers` and `append_root` of a lineage name; each file is read once in a call.
#pragma once

#include "core/config/lineage_config.hpp"
#include "ports/files.hpp"

#include <map>
#include <string>
#include <vector>

namespace danectl {

class CaCertificates {
 public:
  explicit CaCertificates(Files& files) : files_(files) {}

  // Fills in `further_issuers` and `roots`. A path that is not there, a file without a certificate, an issuer that is
  // no CA, a root that is not self-signed: ErrorKind::invalid, which names `config_path` and the key. A folder of
  // `issuers` is for others to fill: a bad file in it, or none, is told in `unread_issuers`; so is what may not be
  // read.
  Status read_for(LineageConfig& lineage, const std::string& config_path);

 private:
  struct Found {
    std::vector<Certificate> certificates;
    std::vector<std::string> unread;
  };

  Result<Found> at(const std::string& path);
  Result<Found> in_file(const std::string& path);
  Result<Found> in_folder(const std::string& path);
  Status read_issuers(LineageConfig& lineage);
  Status read_roots(LineageConfig& lineage);

  Files& files_;
  std::map<std::string, Found> known_;  // by path
};

}  // namespace danectl
