#include "system/host/posix_files.hpp"

#include "system/host/descriptor.hpp"
#include "system/host/file_locks.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>

namespace danectl {
namespace {

// Far above any key, chain or zone file; stops a reading of /dev/zero.
constexpr std::size_t largest_file = std::size_t{256} << 20;

// For mkostemp.
std::string temporary_in(const std::string& folder) {
  return folder + "/.danectl-XXXXXX";
}

bool is_temporary(const std::filesystem::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  const bool is_named_so = name.size() == temporary_in("").size() - 1 && name.starts_with(".danectl-");
  return is_named_so && entry.symlink_status().type() != std::filesystem::file_type::directory;
}

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

FileInfo::Kind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return FileInfo::Kind::regular;
  if (S_ISDIR(mode)) return FileInfo::Kind::directory;
  if (S_ISLNK(mode)) return FileInfo::Kind::link;
  return FileInfo::Kind::other;
}

Result<std::optional<FileInfo>> info_from(int status, const struct stat& data, const std::string& path) {
  if (status == 0)
    return std::optional(FileInfo{kind_of(data.st_mode), data.st_mode & 07777, data.st_uid, data.st_gid});
  if (errno == ENOENT || errno == ENOTDIR) return std::optional<FileInfo>();
  return errno_error("look at", path);
}

// The names in a folder are only on the disk once the folder itself is.
Status sync_folder(const std::string& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return errno_error("open the folder", folder);
  if (::fsync(opened.get()) != 0) return errno_error("sync the folder", folder);
  return {};
}

Error not_regular(const std::string& path, FileInfo::Kind kind) {
  const bool folder = kind == FileInfo::Kind::directory;
  return failed(
      fmt::format("cannot read {}: it is a {}, not a file", path, folder ? "folder" : "pipe, socket or device"),
      fmt::format("`ls -ld {}` shows it; put the file in its place, or move it away", path));
}

Result<std::string> read_all(const Descriptor& file, const std::string& path) {
  std::string content;
  std::array<char, 65536> piece;  // not filled with zeros for each small file
  while (content.size() <= largest_file) {
    const ssize_t count = ::read(file.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("read", path);
    if (count == 0) return content;
    content.append(piece.data(), static_cast<std::size_t>(count));
    explicit_bzero(piece.data(), static_cast<std::size_t>(count));  // it may be a key
  }
  return failed("cannot read " + path + ": it is larger than 256 MiB");
}

Status write_all(const Descriptor& file, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error("write", path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// The owner and group first: with the mode first a key could for a moment be readable by the group it came with.
Status set_attributes(const Descriptor& file, const FileAttributes& attributes, const std::string& path) {
  constexpr auto unchanged_uid = static_cast<uid_t>(-1);
  constexpr auto unchanged_gid = static_cast<gid_t>(-1);
  if ((attributes.uid || attributes.gid) &&
      ::fchown(file.get(), attributes.uid.value_or(unchanged_uid), attributes.gid.value_or(unchanged_gid)) != 0) {
    return errno_error("set owner and group of", path);
  }
  if (::fchmod(file.get(), attributes.mode) != 0) return errno_error("set the mode of", path);
  return {};
}

// What is to be whole before it bears its name; removed again unless it got there.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& folder) : path_(temporary_in(folder)) {
    file_ = Descriptor(::mkostemp(path_.data(), O_CLOEXEC));
    made_ = static_cast<bool>(file_);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (made_) ::unlink(path_.c_str());
  }

  Status fill(std::string_view content, const FileAttributes& attributes, const std::string& path) {
    if (!made_) return errno_error("make a temporary file for", path);
    if (auto done = set_attributes(file_, attributes, path); !done) return done;
    if (auto done = write_all(file_, content, path); !done) return done;
    if (::fsync(file_.get()) != 0) return errno_error("sync", path);
    if (::close(file_.release()) != 0) return errno_error("close", path);
    return {};
  }
  Status rename_to(const std::string& path) {
    if (::rename(path_.c_str(), path.c_str()) != 0) return errno_error("rename the new file to", path);
    made_ = false;
    return {};
  }

 private:
  std::string path_;
  Descriptor file_;
  bool made_ = false;
};

Status make_one_folder(const std::string& path, mode_t mode) {
  // Made for the owner alone first: the umask may only take bits away, and the mode asked for comes in one step.
  if (::mkdir(path.c_str(), mode & 0700) != 0) {
    struct stat there {};
    if (errno == EEXIST && ::stat(path.c_str(), &there) == 0 && S_ISDIR(there.st_mode)) return {};
    return errno_error("make the folder", path);
  }
  if (::chmod(path.c_str(), mode) != 0) return errno_error("set the mode of", path);
  return sync_folder(folder_of(path));
}

}  // namespace

Result<std::optional<FileInfo>> PosixFiles::info(const std::string& path) {
  struct stat data {};
  return info_from(::lstat(path.c_str(), &data), data, path);
}

Result<std::optional<FileInfo>> PosixFiles::info_followed(const std::string& path) {
  struct stat data {};
  return info_from(::stat(path.c_str(), &data), data, path);
}

// A FIFO is opened at once, so that it can be refused.
Result<std::string> PosixFiles::read(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  // The open of a socket fails with "No such device or address", which helps nobody.
  if (!file && errno == ENXIO) return not_regular(path, FileInfo::Kind::other);
  if (!file) return errno_error("read", path);
  struct stat data {};
  if (::fstat(file.get(), &data) != 0) return errno_error("look at", path);
  if (!S_ISREG(data.st_mode)) return not_regular(path, kind_of(data.st_mode));
  return read_all(file, path);
}

Result<std::string> PosixFiles::read_stream(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return errno_error("read", path);
  return read_all(file, path);
}

Result<std::string> PosixFiles::read_link(const std::string& path) {
  std::error_code error;
  auto target = std::filesystem::read_symlink(path, error);
  if (error) return errno_error("read the link", path, error.value());
  return target.string();
}

Result<std::string> PosixFiles::real_path(const std::string& path) {
  std::error_code error;
  auto real = std::filesystem::canonical(path, error);
  if (error) return errno_error("resolve", path, error.value());
  return real.string();
}

Result<std::vector<std::string>> PosixFiles::list(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  if (error) return errno_error("list the folder", folder, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

Result<gid_t> PosixFiles::group_id(const std::string& group) {
  std::vector<char> room(16384);
  ::group entry{};
  ::group* found = nullptr;
  int error = 0;
  while ((error = ::getgrnam_r(group.c_str(), &entry, room.data(), room.size(), &found)) == ERANGE) {
    room.resize(room.size() * 2);
  }
  if (error != 0) return errno_error("look up the group", group, error);
  if (found == nullptr) return failed("there is no group " + group + " on this host");
  return entry.gr_gid;
}

Status PosixFiles::write(const std::string& path, std::string_view content, const FileAttributes& attributes) {
  TemporaryFile file(folder_of(path));
  if (auto done = file.fill(content, attributes, path); !done) return done;
  if (auto done = file.rename_to(path); !done) return done;
  return sync_folder(folder_of(path));
}

Status PosixFiles::make_folder(const std::string& path, mode_t mode) {
  std::vector<std::string> missing;
  for (std::filesystem::path at = std::filesystem::path(path + "/").parent_path(); !at.empty(); at = at.parent_path()) {
    const auto there = info_followed(at.string());
    if (!there) return there.error();
    if (*there && (*there)->kind == FileInfo::Kind::directory) break;
    missing.push_back(at.string());
  }
  for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
    if (auto done = make_one_folder(*at, at + 1 == missing.rend() ? mode : 0755); !done) return done;
  }
  return {};
}

Status PosixFiles::switch_link(const std::string& path, const std::string& target, const std::string& staging_folder) {
  const std::string folder = staging_folder.empty() ? folder_of(path) : staging_folder;
  // A symlink cannot be opened, so its name comes from a temporary file that is given up for it.
  std::string temporary = temporary_in(folder);
  if (const Descriptor reserved(::mkostemp(temporary.data(), O_CLOEXEC)); !reserved) {
    return errno_error("make a temporary link in", folder);
  }
  const auto given_up = [&](std::string_view action, const std::string& where) {
    auto error = errno_error(action, where);
    ::unlink(temporary.c_str());
    return error;
  };
  if (::unlink(temporary.c_str()) != 0) return given_up("make a temporary link in", folder);
  if (::symlink(target.c_str(), temporary.c_str()) != 0) return given_up("make a temporary link in", folder);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return given_up("switch the link", path);
  if (auto done = sync_folder(folder_of(path)); !done) return done;
  return staging_folder.empty() ? Status() : sync_folder(folder);
}

Status PosixFiles::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return errno_error("rename " + from + " to", to);
  if (auto done = sync_folder(folder_of(to)); !done) return done;
  return folder_of(from) == folder_of(to) ? Status() : sync_folder(folder_of(from));
}

Status PosixFiles::remove(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return sync_folder(folder_of(path));
  if (errno == ENOENT || errno == ENOTDIR) return {};
  return errno_error("remove", path);
}

Status PosixFiles::remove_tree(const std::string& path) {
  std::error_code error;
  if (std::filesystem::remove_all(path, error) == 0 && !error) return {};
  if (error) return errno_error("remove the folder", path, error.value());
  return sync_folder(folder_of(path));
}

Status PosixFiles::remove_temporaries(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> left;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (is_temporary(*at)) left.push_back(at->path().string());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return errno_error("list the folder", folder, error.value());
  }
  for (const std::string& path : left) {
    if (::unlink(path.c_str()) != 0) return errno_error("remove", path);
  }
  return left.empty() ? Status() : sync_folder(folder);
}

Result<std::unique_ptr<FileLock>> PosixFiles::lock(const std::string& path, std::chrono::milliseconds wait) {
  return lock_file(path, wait);
}

Result<std::unique_ptr<FileLock>> PosixFiles::lock_as_certbot(const std::string& folder,
                                                              std::chrono::milliseconds wait) {
  return lock_certbot_folder(folder, wait);
}

}  // namespace danectl
