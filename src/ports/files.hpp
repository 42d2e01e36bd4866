// The file system. Writes are durable and whole, or they are errors: temporary file in the same folder, fsync, rename,
// fsync of the folder.
#pragma once

#include "core/base/result.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace danectl {

struct FileInfo {
  enum class Kind { regular, directory, link, other };
  Kind kind = Kind::other;
  mode_t mode = 0;  // permission bits
  uid_t uid = 0;
  gid_t gid = 0;
};

struct FileAttributes {
  mode_t mode = 0644;
  std::optional<gid_t> gid{};  // nothing: as created
  std::optional<uid_t> uid{};
};

// Held while the object lives.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

// All paths absolute or relative to the working directory; errors are ErrorKind::failed (no_permission for EACCES
// and EPERM), name the path and the errno
// text.
class Files {
 public:
  virtual ~Files() = default;

  // Absence is a value, not an error. `info` does not follow a final link, `info_followed` does (a dangling link:
  // absent).
  virtual Result<std::optional<FileInfo>> info(const std::string& path) = 0;
  virtual Result<std::optional<FileInfo>> info_followed(const std::string& path) = 0;
  // A regular file, and nothing else: a pipe or a device in its place must not hold a mail server's timer for ever.
  virtual Result<std::string> read(const std::string& path) = 0;
  // What a person named on the command line: pipes and devices too. Waits for whoever writes.
  virtual Result<std::string> read_stream(const std::string& path) = 0;
  virtual Result<std::string> read_link(const std::string& path) = 0;  // the target's text
  virtual Result<std::string> real_path(const std::string& path) = 0;  // all links resolved; must exist
  virtual Result<std::vector<std::string>> list(
      const std::string& folder) = 0;  // names, sorted by byte, without . and ..
  virtual Result<gid_t> group_id(const std::string& group) = 0;

  virtual Status write(const std::string& path, std::string_view content, const FileAttributes& attributes) = 0;
  virtual Status make_folder(const std::string& path, mode_t mode) = 0;  // parents too (0755); there already: fine
  // The link at `path` points at `target` from one instant to the next: a link made beside it (in `staging_folder` if
  // given, which must be on the same file system), renamed over it.
  virtual Status switch_link(const std::string& path, const std::string& target,
                             const std::string& staging_folder = {}) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;  // folders of both synced
  virtual Status remove(const std::string& path) = 0;                         // one file or link; absent: fine
  virtual Status remove_tree(const std::string& path) = 0;                    // absent: fine
  // The temporary files and links that a cut write or switch left in the folder; absent: fine. REQUIRES: nobody else
  // writes there now.
  virtual Status remove_temporaries(const std::string& folder) = 0;

  // A lock of our own kind (state_dir/lock): waits up to `wait` for another holder. Not gained: ErrorKind::not_yet.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path, std::chrono::milliseconds wait) = 0;
  // certbot's lock file `.certbot.lock` in this folder, taken as certbot takes it and removed at release.
  virtual Result<std::unique_ptr<FileLock>> lock_as_certbot(const std::string& folder,
                                                            std::chrono::milliseconds wait) = 0;
};

}  // namespace danectl
