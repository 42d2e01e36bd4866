// What live servers showed in this call, so that none is knocked at for each owner and each record anew: they limit how
// often a client may come.
#pragma once

#include "ports/clock.hpp"
#include "ports/server_probe.hpp"

#include <string>
#include <vector>

namespace danectl {

class ProbeMemo {
 public:
  // What was shown less than half a minute ago, and else what `probe` shows now. Steps that may change what is served
  // have to forget() it.
  std::vector<ProbeResult> ask(ServerProbe& probe, const std::vector<ProbeUrl>& urls, Clock& clock);
  void forget() { known_.clear(); }

 private:
  struct Known {
    std::string url;
    Instant at;  // before it was asked
    ProbeResult result;
  };
  std::vector<Known> known_;
};

}  // namespace danectl
