#pragma once

#include "core/base/result.hpp"
#include "core/base/time.hpp"

#include <map>
#include <string>
#include <vector>

namespace danectl {

// A child process. Inherits the environment; `environment` comes on top. Its own process group. Standard input is
// empty.
struct Command {
  std::vector<std::string> argv;
  std::map<std::string, std::string> environment{};
  Seconds time_limit{};  // zero: none
  std::string input{};
  // Where both outputs are kept, in `stdout` and `stderr`, for a child that is to go on undisturbed should danectl be
  // killed: its pipes would break. Empty: nowhere.
  std::string output_folder{};
};

struct Outcome {
  bool timed_out = false;  // it was ended with SIGINT, then SIGKILL, at the time limit
  int exit_code = -1;      // when it exited by itself
  int signal = 0;          // when a signal ended it
  std::string out;         // the last 64 KiB of each
  std::string err;
  Seconds time_limit{};  // the Command's
  [[nodiscard]] bool success() const { return !timed_out && signal == 0 && exit_code == 0; }
  // "exit code 3", "ended by signal 9", "did not end within 30 s"
  [[nodiscard]] std::string text() const {
    if (timed_out) return "did not end within " + human_duration(time_limit);
    if (signal != 0) return "ended by signal " + std::to_string(signal);
    return "exit code " + std::to_string(exit_code);
  }
};

class Processes {
 public:
  virtual ~Processes() = default;
  // Error: the program could not be started (not found, not executable).
  virtual Result<Outcome> run(const Command& command) = 0;
  // The path of the program that run() would start. Error: it is not on PATH, or not there.
  virtual Result<std::string> find(const std::string& program) = 0;
};

}  // namespace danectl
