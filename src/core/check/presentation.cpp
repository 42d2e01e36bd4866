#include "core/check/presentation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace danectl {

bool Presentation::with_name() const {
  return std::any_of(handshakes.begin(), handshakes.end(),
                     [](const Handshake* handshake) { return handshake->server_name == ServerName::sent; });
}

std::string Presentation::offers() const {
  std::set<std::string> kinds;
  for (const Handshake* handshake : handshakes) kinds.insert(handshake->offered == OfferedKeys::rsa ? "RSA" : "ECDSA");
  return fmt::format("{}{}", fmt::join(kinds, " and "), with_name() ? "" : ", without SNI");
}

std::vector<Presentation> presentations(const ProbedAddress& address) {
  std::vector<Presentation> all;
  for (const Handshake& handshake : address.handshakes) {
    if (handshake.kind != Handshake::Kind::presented) continue;
    const auto same = std::find_if(
        all.begin(), all.end(), [&](const Presentation& known) { return known.chain->pem() == handshake.chain.pem(); });
    if (same == all.end()) {
      all.push_back({&handshake.chain, {&handshake}});
    } else {
      same->handshakes.push_back(&handshake);
    }
  }
  return all;
}

}  // namespace danectl
