// Questions to single servers over UDP, without validation and in clear: to say why a server had no valid answer
// (libunbound makes SERVFAIL of a refusal, a closed port and nonsense alike), what `check` compares, and to whom a
// parent delegates a zone. What comes back may add servers to ask; else no promise may depend on it.
#pragma once

#include "core/base/time.hpp"
#include "core/dns/dns_name.hpp"
#include "system/dns/dns_message.hpp"

#include <optional>
#include <string>
#include <vector>

#include <arpa/nameser.h>

namespace danectl {

struct PlainQuestion {
  std::string address;
  DnsName name;
  int type = ns_t_tlsa;
  // Filled in:
  std::optional<PlainAnswer> answer{};
  std::string why{};     // without an answer: "connection refused", "no answer", ...; empty: it could not be sent
  bool refused = false;  // the connection: the host is there, and no server on it
};

// All side by side, to each address by one socket; no longer than `limit`. Each is sent once, and what is answered
// already is left alone. A server that is silent costs the others no time.
void ask_plainly(std::vector<PlainQuestion>& questions, Milliseconds limit);

// Why this is no answer of a server of the zone: "REFUSED", ...; empty: it may be one.
std::string refusal_text(const PlainAnswer& answer);

}  // namespace danectl
