// Counts the calls of a process that change something on disk or start a child, and lets one of them go wrong.
//
// The environment says which, and is cleared of it at the start, so that no child inherits it:
//   DANECTL_FAULT       "17 ENOSPC": what happens at the 17th call; "17+ ENOSPC": there, and at each later call that
//                       can fail so; "0 none": nothing
//   DANECTL_FAULT_LOG   a file: the process id, then a line for each call before it is done
//   DANECTL_FAULT_KEEP  for "cut": a folder on the file system of what is changed, see unsynced.hpp
//
// What can happen:
//   kill                             SIGKILL before the call
//   kill-after                       SIGKILL after a fork: its child goes on alone. After another call it would be the
//                                    "kill" of the next.
//   short                            half of what is to be written is written
//   short-kill                       the same, and then SIGKILL
//   cut                              the power is cut before the call, and what was not synced is lost
//   cut-contents                     the same, but names are on disk before what is in their files
//   ENOSPC EIO EACCES EROFS EAGAIN   the call fails so, and nothing is done
//
// A line of the log, between tabs: the number, the call, what can happen there, the path.
#pragma once

#include "unsynced.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace danectl_faults {

enum class Call { make, open, write, rename, unlink, rmdir, mkdir, symlink, fsync, attributes, fork };

class Fault {
 public:
  // The one of this process; made at the first call of it.
  static Fault& here();

  // Counts a call. What is to go wrong with it: an errno, -1 for "short" and "short-kill", or nothing; may not return.
  int next(Call call, std::string_view path);
  void after_fork_in_parent();
  [[noreturn]] static void end();

  [[nodiscard]] bool ends_after_short() const { return what_ == "short-kill"; }
  Unsynced& unsynced() { return *unsynced_; }
  std::mutex& mutex() { return mutex_; }
  // False in a child before its exec: what it does is not danectl's.
  [[nodiscard]] bool is_counted() const;

 private:
  Fault();
  [[nodiscard]] std::vector<std::string> may_come(Call call) const;
  void log(Call call, std::string_view path, const std::vector<std::string>& faults) const;

  std::mutex mutex_;
  pid_t process_;
  int count_ = 0;
  int at_ = 0;
  bool goes_on_ = false;
  std::string what_;
  int log_ = -1;
  std::optional<Unsynced> unsynced_;
};

}  // namespace danectl_faults
