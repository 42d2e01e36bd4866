// An open file descriptor, and the one place where errno becomes an Error.
#pragma once

#include "core/base/result.hpp"

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace danectl {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);  // ours goes with other
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  [[nodiscard]] int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  // The caller closes it.
  int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

// Above the three standard ones, also when this process was started with one of them closed: the child's dup2 onto its
// own number would leave it close-on-exec.
inline Descriptor above_standard(Descriptor descriptor) {
  if (descriptor.get() > STDERR_FILENO || !descriptor) return descriptor;
  return Descriptor(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

// What to do about an errno of the file system; empty where its text says all.
inline std::string hint_of(int number) {
  switch (number) {
    case EACCES:
    case EPERM:
      return "run it as root";
    case ENOSPC:
    case EDQUOT:
      return "make room on that file system, then call it again: no file was left half-written";
    case EROFS:
      return "mount that file system read-write, then call it again";
    case EISDIR:
      return "a folder stands where a file belongs: move it away";
    case ENOENT:
      return "is the path right? a file or a folder in it is not there";
    case ENOTDIR:
      return "a file stands where a folder belongs: move it away";
    default:
      return {};
  }
}

// "cannot read /etc/x: Permission denied". Call it before anything else can change errno.
inline Error errno_error(std::string_view action, std::string_view path, int number = errno) {
  std::string what = "cannot ";
  what.append(action).append(" ").append(path).append(": ").append(std::generic_category().message(number));
  const bool no_permission = number == EACCES || number == EPERM;
  return {no_permission ? ErrorKind::no_permission : ErrorKind::failed, std::move(what), hint_of(number)};
}

}  // namespace danectl
