// What `check` finds where handshakes with one address were not completed, or what is behind them is refused. Pure. The
// findings have neither owner nor endpoint: whoever asks knows them.
#pragma once

#include "core/check/finding.hpp"
#include "core/check/probe_result.hpp"

#include <vector>

namespace danectl {

// The one that tells most of why none was completed; null: there is none.
const Handshake* furthest_of(const std::vector<Handshake>& handshakes);

// Where none was completed. `without_handshake`: how bad it is that senders find no TLS here.
std::vector<Finding> check_no_handshake(const Handshake& furthest, Severity without_handshake);

// Where some were.
std::vector<Finding> check_handshakes(const std::vector<Handshake>& handshakes, Severity without_handshake);

}  // namespace danectl
