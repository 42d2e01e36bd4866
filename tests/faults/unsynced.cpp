#include "unsynced.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace danectl_faults {
namespace {

// System calls and not the functions of libc: those are counted.
bool move(const std::string& from, const std::string& to) {
  return ::syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), 0) == 0;
}

}  // namespace

Unsynced::Inode Unsynced::folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return inode_of(slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash));
}

Unsynced::Inode Unsynced::inode_of(const std::string& path) {
  struct stat data {};
  ::stat(path.c_str(), &data);
  return {data.st_dev, data.st_ino};
}

std::string Unsynced::next_kept() {
  return keep_ + "/" + std::to_string(++kept_);
}

void Unsynced::made(const std::string& path) {
  names_.push_back({Name::Change::made, path, {}, {}, {folder_of(path)}, {}});
}

std::string Unsynced::keep_copy(const std::string& path) {
  if (keep_.empty()) return {};
  const std::string copy = next_kept();
  const bool kept = ::syscall(SYS_linkat, AT_FDCWD, path.c_str(), AT_FDCWD, copy.c_str(), 0) == 0;
  return kept ? copy : std::string();
}

void Unsynced::renamed(const std::string& from, const std::string& to, const std::string& copy_of_to) {
  names_.push_back({Name::Change::renamed, from, to, copy_of_to, {folder_of(from), folder_of(to)}, {}});
}

void Unsynced::removed(const std::string& path, const std::string& copy) {
  names_.push_back({Name::Change::removed, path, {}, copy, {folder_of(path)}, {}});
}

void Unsynced::removed_folder(const std::string& path, const Inode& folder) {
  names_.push_back({Name::Change::removed_folder, path, {}, {}, {folder_of(path)}, folder});
}

void Unsynced::written(int descriptor) {
  struct stat data {};
  if (::fstat(descriptor, &data) != 0) return;
  const Inode file{data.st_dev, data.st_ino};
  if (std::ranges::any_of(contents_, [&](const Content& one) { return one.file == file; })) return;
  contents_.push_back({file, ::fcntl(descriptor, F_DUPFD_CLOEXEC, 500)});
}

void Unsynced::synced(int descriptor) {
  struct stat data {};
  if (::fstat(descriptor, &data) != 0) return;
  const Inode which{data.st_dev, data.st_ino};
  std::vector<Inode> kept{which};
  for (std::size_t i = 0; i < kept.size(); ++i) {
    std::erase_if(names_, [&](const Name& name) {
      const Inode folder = kept[i];
      if (std::ranges::find(name.folders, folder) == name.folders.end()) return false;
      if (name.change == Name::Change::removed_folder) kept.push_back(name.gone);
      return true;
    });
  }
  std::erase_if(contents_, [&](const Content& one) {
    if (one.file != which) return false;
    ::syscall(SYS_close, one.descriptor);
    return true;
  });
}

// The latest change first, so that each path is where its change left it.
void Unsynced::lose(Lost lost) {
  for (const Content& one : contents_) ::syscall(SYS_ftruncate, one.descriptor, 0);
  if (lost == Lost::contents) return;
  for (auto name = names_.rbegin(); name != names_.rend(); ++name) take_back(*name);
}

void Unsynced::take_back(const Name& name) {
  switch (name.change) {
    case Name::Change::made:
      move(name.path, next_kept());
      break;
    case Name::Change::renamed:
      move(name.to, name.path);
      if (!name.copy.empty()) move(name.copy, name.to);
      break;
    case Name::Change::removed:
      if (!name.copy.empty()) move(name.copy, name.path);
      break;
    case Name::Change::removed_folder:
      ::syscall(SYS_mkdirat, AT_FDCWD, name.path.c_str(), 0700);
      break;
  }
}

}  // namespace danectl_faults
