// What one address presents, chain by chain: the same one is mostly shown to all who ask.
#pragma once

#include "core/check/probe_result.hpp"

#include <string>
#include <vector>

namespace danectl {

// One chain, and the handshakes in which it was presented; never none.
struct Presentation {
  const Chain* chain;
  std::vector<const Handshake*> handshakes;

  // Senders that check DANE send the name (RFC 7672 section 8.1).
  [[nodiscard]] bool with_name() const;
  // For a sentence: "RSA and ECDSA", "ECDSA, without SNI".
  [[nodiscard]] std::string offers() const;
};

// They point into `address`.
std::vector<Presentation> presentations(const ProbedAddress& address);

}  // namespace danectl
