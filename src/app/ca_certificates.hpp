// The certificates that `issuers` and `append_root` of a lineage name; each file is read once in a call.
#pragma once

#include "core/config.hpp"
#include "ports/files.hpp"

#include <map>
#include <string>
#include <vector>

namespace danectl {

class CaCertificates {
 public:
  explicit CaCertificates(Files& files) : files_(files) {}

  // Fills in `further_issuers` and `roots`. A path that cannot be read, a file without a certificate, a root that is
  // not self-signed: a usage error that names `config_path` and the key.
  Status read_for(LineageConfig& lineage, const std::string& config_path);

 private:
  Result<std::vector<Certificate>> at(const std::string& path);
  Result<std::vector<Certificate>> in_file(const std::string& path);
  Result<std::vector<Certificate>> in_folder(const std::string& path);

  Files& files_;
  std::map<std::string, std::vector<Certificate>> known_;  // by path
};

}  // namespace danectl
