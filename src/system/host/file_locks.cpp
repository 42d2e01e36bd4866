#include "system/host/file_locks.hpp"

#include "system/host/descriptor.hpp"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>

namespace danectl {
namespace {

using std::chrono::milliseconds;

class OwnLock : public FileLock {
 public:
  explicit OwnLock(Descriptor file) : file_(std::move(file)) {}

 private:
  Descriptor file_;
};

bool still_at_path(const Descriptor& file, const std::string& path) {
  struct stat opened {};
  struct stat at_path {};
  return ::fstat(file.get(), &opened) == 0 && ::stat(path.c_str(), &at_path) == 0 && opened.st_dev == at_path.st_dev &&
         opened.st_ino == at_path.st_ino;
}

class CertbotLock : public FileLock {
 public:
  CertbotLock(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  CertbotLock(const CertbotLock&) = delete;
  CertbotLock& operator=(const CertbotLock&) = delete;
  // Unlinked while still locked: unlinked after it, the file could already be another's lock.
  ~CertbotLock() override {
    if (still_at_path(file_, path_)) ::unlink(path_.c_str());
  }

 private:
  Descriptor file_;
  std::string path_;
};

Result<Descriptor> open_lock_file(const std::string& path) {
  // A FIFO in its place must not be waited for.
  Descriptor file(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600));
  const bool is_fifo = !file && errno == ENXIO;
  if (!file && !is_fifo) return errno_error("open the lock file", path);
  struct stat data {};
  if (is_fifo || ::fstat(file.get(), &data) != 0 || !S_ISREG(data.st_mode)) {
    return failed(fmt::format("cannot lock {}: it is a pipe, socket or device, not a file", path),
                  fmt::format("`ls -ld {}` shows it; move it away", path));
  }
  return file;
}

// True when this open file now holds the lock, false when another does.
Result<bool> try_lock(const Descriptor& file, const std::string& path) {
  struct flock whole_file {};
  whole_file.l_type = F_WRLCK;
  whole_file.l_whence = SEEK_SET;
  if (::fcntl(file.get(), F_OFD_SETLK, &whole_file) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  return errno_error("lock", path);
}

using Attempt = std::function<Result<std::optional<Descriptor>>()>;

// Polls, because OFD locks and certbot's unlinking leave nothing to wait on.
Result<std::optional<Descriptor>> poll(const Attempt& attempt, milliseconds wait) {
  const auto end = std::chrono::steady_clock::now() + wait;
  while (true) {
    auto got = attempt();
    if (!got || *got || std::chrono::steady_clock::now() >= end) return got;
    std::this_thread::sleep_for(milliseconds(50));
  }
}

Result<std::optional<Descriptor>> attempt_own(const std::string& path) {
  auto file = open_lock_file(path);
  if (!file) return file.error();
  auto locked = try_lock(*file, path);
  if (!locked) return locked.error();
  if (!*locked) return std::optional<Descriptor>();
  return std::optional<Descriptor>(std::move(*file));
}

// As attempt_own, but the holder before may have unlinked the file between our open and our lock: then what we hold
// excludes nobody, and the file at the path is opened anew.
Result<std::optional<Descriptor>> attempt_certbot(const std::string& path) {
  while (true) {
    auto file = attempt_own(path);
    if (!file || !*file || still_at_path(**file, path)) return file;
  }
}

}  // namespace

Result<std::unique_ptr<FileLock>> lock_file(const std::string& path, milliseconds wait) {
  auto file = poll([&] { return attempt_own(path); }, wait);
  if (!file) return file.error();
  if (!*file) {
    return not_yet("another danectl is running: it holds " + path, "try again when it has ended");
  }
  return std::unique_ptr<FileLock>(std::make_unique<OwnLock>(std::move(**file)));
}

Result<std::unique_ptr<FileLock>> lock_certbot_folder(const std::string& folder, milliseconds wait) {
  const std::string path = folder + "/.certbot.lock";
  auto file = poll([&] { return attempt_certbot(path); }, wait);
  if (!file) return file.error();
  if (!*file) {
    return not_yet("another certbot is running: it holds " + path, "try again when it has ended");
  }
  return std::unique_ptr<FileLock>(std::make_unique<CertbotLock>(std::move(**file), path));
}

}  // namespace danectl
