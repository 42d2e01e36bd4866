// One question to one server without validation, only to say why it had no valid answer: libunbound makes SERVFAIL of
// a refusal, a closed port and nonsense alike. Nothing but a message may depend on what comes back.
#pragma once

#include "core/dns_name.hpp"
#include "core/time.hpp"

#include <string>
#include <vector>

namespace danectl {

struct PlainQuestion {
  std::string address;
  DnsName name;
  std::string why{};     // filled in: "REFUSED", "connection refused", "no answer", ...; empty: nothing to be said
  bool refused = false;  // the connection: the host is there, and no server on it
};

// All side by side, over UDP, for their TLSA records; no longer than `limit`.
void ask_plainly(std::vector<PlainQuestion>& questions, Milliseconds limit);

}  // namespace danectl
