// What `check` finds where handshakes with one address were not completed, or what is behind them is refused. Pure. The
// findings have neither owner nor endpoint: whoever asks knows them.
#pragma once

#include "core/check/finding.hpp"
#include "core/check/probe_result.hpp"

#include <string>
#include <vector>

namespace danectl {

// The one that tells most of why none was completed; null: there is none.
const Handshake* furthest_of(const std::vector<Handshake>& handshakes);

// Where none was completed. `without_handshake`: how bad it is that senders find no TLS here.
std::vector<Finding> check_no_handshake(const Handshake& furthest, Severity without_handshake);

// What a person can do where a server refuses this host for now, at its greeting, at STARTTLS or behind the handshake.
// `own_address`: Handshake::own_address.
std::string how_to_be_let_in(const std::string& own_address);

// Where some were.
std::vector<Finding> check_handshakes(const std::vector<Handshake>& handshakes, Severity without_handshake);

}  // namespace danectl
