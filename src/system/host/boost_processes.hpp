#pragma once

#include "ports/processes.hpp"

namespace danectl {

// Child processes by Boost.Process and one Asio loop a call; one call at a time. A program without '/' is looked up on
// PATH. At the time limit the child's process group gets SIGINT and, 5 seconds later, what is left of it SIGKILL. What
// the child left running in the background (a daemon started by a reload) lives on, but its output is no longer read
// once the child has exited.
class BoostProcesses : public Processes {
 public:
  Result<Outcome> run(const Command& command) override;
  Result<std::string> find(const std::string& program) override;
};

}  // namespace danectl
