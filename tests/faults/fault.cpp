#include "fault.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <map>

namespace danectl_faults {
namespace {

constexpr const char* variables[] = {"DANECTL_FAULT", "DANECTL_FAULT_LOG", "DANECTL_FAULT_KEEP", "LD_PRELOAD"};

// What a file system answers to each; EACCES of fchmod and the like would be of another owner's file.
const std::map<Call, std::pair<const char*, std::vector<std::string>>> calls = {
    {Call::make, {"make", {"ENOSPC", "EIO", "EACCES", "EROFS"}}},
    {Call::open, {"open", {"EIO", "EACCES", "EROFS"}}},
    {Call::write, {"write", {"ENOSPC", "EIO", "short", "short-kill"}}},
    {Call::rename, {"rename", {"ENOSPC", "EIO", "EACCES", "EROFS"}}},
    {Call::unlink, {"unlink", {"EIO", "EACCES", "EROFS"}}},
    {Call::rmdir, {"rmdir", {"EIO", "EACCES", "EROFS"}}},
    {Call::mkdir, {"mkdir", {"ENOSPC", "EIO", "EACCES", "EROFS"}}},
    {Call::symlink, {"symlink", {"ENOSPC", "EIO", "EACCES", "EROFS"}}},
    {Call::fsync, {"fsync", {"ENOSPC", "EIO"}}},
    {Call::attributes, {"attributes", {"EIO", "EROFS"}}},
    {Call::fork, {"fork", {"EAGAIN", "kill-after"}}},
};

int number_of(std::string_view what) {
  if (what == "ENOSPC") return ENOSPC;
  if (what == "EIO") return EIO;
  if (what == "EACCES") return EACCES;
  if (what == "EROFS") return EROFS;
  if (what == "EAGAIN") return EAGAIN;
  return what.starts_with("short") ? -1 : 0;
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Fault& Fault::here() {
  static Fault* const one = new Fault;  // never destroyed: calls come until the very end
  return *one;
}

Fault::Fault() : process_(::getpid()) {
  const std::string order = variable("DANECTL_FAULT");
  if (const auto blank = order.find(' '); blank != std::string::npos) {
    at_ = std::atoi(order.c_str());
    goes_on_ = order.substr(0, blank).ends_with('+');
    what_ = order.substr(blank + 1);
  }
  unsynced_.emplace(what_ == "cut" ? variable("DANECTL_FAULT_KEEP") : "");
  if (const std::string path = variable("DANECTL_FAULT_LOG"); !path.empty()) {
    const auto opened = static_cast<int>(
        ::syscall(SYS_openat, AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
    log_ = ::fcntl(opened, F_DUPFD_CLOEXEC, 400);
    ::syscall(SYS_close, opened);
    const std::string line = std::to_string(process_) + "\n";
    ::syscall(SYS_write, log_, line.data(), line.size());
  }
  for (const char* const name : variables) ::unsetenv(name);
}

bool Fault::is_counted() const {
  return ::getpid() == process_;
}

void Fault::end() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

std::vector<std::string> Fault::may_come(Call call) const {
  std::vector<std::string> faults = calls.at(call).second;
  faults.emplace_back("kill");
  // Where all is synced a cut is a kill.
  if (unsynced_->names() > 0) faults.emplace_back("cut");
  if (unsynced_->contents() > 0) faults.emplace_back("cut-contents");
  return faults;
}

void Fault::log(Call call, std::string_view path, const std::vector<std::string>& faults) const {
  std::string line = std::to_string(count_) + "\t" + calls.at(call).first + "\t";
  for (const std::string& fault : faults) line += (fault == faults.front() ? "" : " ") + fault;
  line.append("\t").append(path).append("\n");
  ::syscall(SYS_write, log_, line.data(), line.size());
}

int Fault::next(Call call, std::string_view path) {
  ++count_;
  const auto faults = may_come(call);
  if (log_ >= 0) log(call, path, faults);
  if (count_ != at_ && !(goes_on_ && count_ > at_)) return 0;
  const int number = number_of(what_);
  if (number != 0 && std::ranges::find(faults, what_) == faults.end()) return 0;
  if (what_ == "cut") unsynced_->lose(Unsynced::Lost::names_and_contents);
  if (what_ == "cut-contents") unsynced_->lose(Unsynced::Lost::contents);
  if (what_ == "kill" || what_.starts_with("cut")) end();
  return number;
}

void Fault::after_fork_in_parent() {
  if (count_ == at_ && what_ == "kill-after") end();
}

}  // namespace danectl_faults
