// What certbot's output says about why it failed. certbot exits 1 for every failure, so its sentences are all there is.
#pragma once

#include "ports/processes.hpp"

#include <string>

namespace danectl {

struct CertbotFailure {
  bool temporary = false;  // time may mend it
  bool refused = false;    // the CA itself answered no
  bool locked = false;     // by another certbot
  std::string sentence;    // certbot's own
  std::string last_lines;  // of all it printed, each indented
};

// REQUIRES !outcome.success().
CertbotFailure read_certbot_failure(const Outcome& outcome);

}  // namespace danectl
