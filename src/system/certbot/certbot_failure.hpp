// What certbot's output says about why it failed. certbot exits 1 for every failure, so its sentences are all there is.
#pragma once

#include "ports/processes.hpp"

#include <string>
#include <string_view>

namespace danectl {

struct CertbotFailure {
  bool temporary = false;  // time may mend it
  bool ordered = true;     // an order may have been placed with the CA: only what surely came before one is none
  bool locked = false;     // by another certbot
  std::string sentence;    // certbot's own
  std::string last_lines;  // of all it printed, each indented
};

// `log`: of this call, at its highest level; empty: it could not be read. REQUIRES !outcome.success().
CertbotFailure read_certbot_failure(const Outcome& outcome, std::string_view log);

}  // namespace danectl
