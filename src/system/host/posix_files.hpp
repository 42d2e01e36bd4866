#pragma once

#include "ports/files.hpp"

namespace danectl {

// The real file system. Temporary names begin with ".danectl-", so that what a power failure left behind can be told
// from everybody else's files.
class PosixFiles : public Files {
 public:
  Result<std::optional<FileInfo>> info(const std::string& path) override;
  Result<std::optional<FileInfo>> info_followed(const std::string& path) override;
  Result<std::string> read(const std::string& path) override;
  Result<std::string> read_stream(const std::string& path) override;
  Result<std::string> read_link(const std::string& path) override;
  Result<std::string> real_path(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<gid_t> group_id(const std::string& group) override;

  Status write(const std::string& path, std::string_view content, const FileAttributes& attributes) override;
  Status make_folder(const std::string& path, mode_t mode) override;
  Status switch_link(const std::string& path, const std::string& target, const std::string& staging_folder) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status remove_tree(const std::string& path) override;
  Status remove_temporaries(const std::string& folder) override;

  Result<std::unique_ptr<FileLock>> lock(const std::string& path, std::chrono::milliseconds wait) override;
  Result<std::unique_ptr<FileLock>> lock_as_certbot(const std::string& folder, std::chrono::milliseconds wait) override;
};

}  // namespace danectl
