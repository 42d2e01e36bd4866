// For LD_PRELOAD: the functions of libc by which danectl changes files and starts children, each with a fault where one
// is ordered (fault.hpp). test_preload.py compares the count with what strace sees: it shows that no change goes past.
//
// Not counted: what danectl writes to its standard streams, to sockets and pipes, and to files that have no name, which
// nothing outlives; what its children do.
#include "fault.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>

namespace {

using danectl_faults::Call;
using danectl_faults::Fault;
using danectl_faults::Unsynced;

template <class Function>
Function real(Function /*of this type*/, const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

// Before any other library's constructor, and before danectl reads its environment.
__attribute__((constructor(101))) void begin() {
  Fault::here();
}

std::string path_of(int descriptor) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t length = ::readlink(link.c_str(), path, sizeof path);
  return length < 0 ? "" : std::string(path, static_cast<std::size_t>(length));
}

bool is_there(const char* path) {
  struct stat data {};
  const int before = errno;
  const bool there = ::lstat(path, &data) == 0;
  errno = before;
  return there;
}

bool is_named_file(int descriptor) {
  struct stat data {};
  return descriptor > STDERR_FILENO && ::fstat(descriptor, &data) == 0 && S_ISREG(data.st_mode) && data.st_nlink > 0;
}

// `act` does the call, `note` tells what it changed when it succeeded.
template <class Act, class Note>
int changing(Call call, std::string_view path, const Act& act, const Note& note) {
  Fault& fault = Fault::here();
  if (!fault.is_counted()) return act();
  const std::lock_guard guard(fault.mutex());
  if (const int error = fault.next(call, path); error != 0) {
    errno = error;
    return -1;
  }
  const int result = act();
  const int error = errno;
  if (result >= 0) note(fault.unsynced());
  errno = error;
  return result;
}

template <class Act>
int changing(Call call, std::string_view path, const Act& act) {
  return changing(call, path, act, [](Unsynced&) {});
}

int open_by(const char* name, const char* path, int flags, mode_t mode) {
  const auto act = [&] { return real(::open, name)(path, flags, mode); };
  if ((flags & O_ACCMODE) == O_RDONLY && (flags & (O_CREAT | O_TRUNC)) == 0) return act();
  const bool makes = (flags & O_CREAT) != 0 && !is_there(path);
  return changing(makes ? Call::make : Call::open, path, act, [&](Unsynced& unsynced) {
    if (makes) unsynced.made(path);
  });
}

mode_t mode_of(int flags, va_list& more) {
  return (flags & O_CREAT) != 0 ? static_cast<mode_t>(va_arg(more, int)) : 0;
}

// Of unlink and unlinkat: `path` is absolute, or relative to the present folder.
template <class Act>
int removing(const std::string& path, const Act& act) {
  std::string copy;
  return changing(
      Call::unlink, path,
      [&] {
        copy = Fault::here().unsynced().keep_copy(path);
        return act();
      },
      [&](Unsynced& unsynced) { unsynced.removed(path, copy); });
}

template <class Act>
int removing_folder(const std::string& path, const Act& act) {
  const auto folder = Unsynced::inode_of(path);
  return changing(Call::rmdir, path, act, [&](Unsynced& unsynced) { unsynced.removed_folder(path, folder); });
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = mode_of(flags, more);
  va_end(more);
  return open_by("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = mode_of(flags, more);
  va_end(more);
  return open_by("open64", path, flags, mode);
}

// libc fills in the X: the name is known only afterwards.
int mkostemp(char* name, int flags) {
  return changing(
      Call::make, name, [&] { return real(::mkostemp, "mkostemp")(name, flags); },
      [&](Unsynced& unsynced) { unsynced.made(name); });
}

ssize_t write(int descriptor, const void* bytes, std::size_t count) {
  const auto act = [&](std::size_t part) { return real(::write, "write")(descriptor, bytes, part); };
  Fault& fault = Fault::here();
  if (!fault.is_counted() || !is_named_file(descriptor)) return act(count);
  const std::lock_guard guard(fault.mutex());
  const int error = fault.next(Call::write, path_of(descriptor));
  if (error > 0) {
    errno = error;
    return -1;
  }
  fault.unsynced().written(descriptor);
  const ssize_t written = act(error < 0 ? count / 2 : count);
  if (error < 0 && fault.ends_after_short()) Fault::end();
  return written;
}

int rename(const char* from, const char* to) noexcept {
  std::string copy;
  return changing(
      Call::rename, to,
      [&] {
        copy = Fault::here().unsynced().keep_copy(to);
        return real(::rename, "rename")(from, to);
      },
      [&](Unsynced& unsynced) { unsynced.renamed(from, to, copy); });
}

int unlink(const char* path) noexcept {
  return removing(path, [&] { return real(::unlink, "unlink")(path); });
}

int rmdir(const char* path) noexcept {
  return removing_folder(path, [&] { return real(::rmdir, "rmdir")(path); });
}

// As libc does it, whose own calls would go past.
int remove(const char* path) noexcept {
  const int removed = ::unlink(path);
  return removed != 0 && (errno == EISDIR || errno == EPERM) ? ::rmdir(path) : removed;
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  const std::string whole = *path == '/' || folder == AT_FDCWD ? path : path_of(folder) + "/" + path;
  const auto act = [&] { return real(::unlinkat, "unlinkat")(folder, path, flags); };
  return (flags & AT_REMOVEDIR) != 0 ? removing_folder(whole, act) : removing(whole, act);
}

int mkdir(const char* path, mode_t mode) noexcept {
  return changing(
      Call::mkdir, path, [&] { return real(::mkdir, "mkdir")(path, mode); },
      [&](Unsynced& unsynced) { unsynced.made(path); });
}

int symlink(const char* target, const char* path) noexcept {
  return changing(
      Call::symlink, path, [&] { return real(::symlink, "symlink")(target, path); },
      [&](Unsynced& unsynced) { unsynced.made(path); });
}

int fsync(int descriptor) {
  return changing(
      Call::fsync, path_of(descriptor), [&] { return real(::fsync, "fsync")(descriptor); },
      [&](Unsynced& unsynced) { unsynced.synced(descriptor); });
}

int chmod(const char* path, mode_t mode) noexcept {
  return changing(Call::attributes, path, [&] { return real(::chmod, "chmod")(path, mode); });
}

int fchmod(int descriptor, mode_t mode) noexcept {
  return changing(Call::attributes, path_of(descriptor), [&] { return real(::fchmod, "fchmod")(descriptor, mode); });
}

int fchown(int descriptor, uid_t user, gid_t group) noexcept {
  return changing(Call::attributes, path_of(descriptor),
                  [&] { return real(::fchown, "fchown")(descriptor, user, group); });
}

pid_t fork() noexcept {
  return changing(Call::fork, "", [] {
    const pid_t child = real(::fork, "fork")();
    if (child > 0) Fault::here().after_fork_in_parent();
    return child;
  });
}

}  // extern "C"
