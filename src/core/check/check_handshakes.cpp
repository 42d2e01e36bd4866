#include "core/check/check_handshakes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

namespace danectl {
namespace {

using Kind = Handshake::Kind;

Finding found(FindingId id, Severity severity, std::string message, std::string remedy) {
  return {id, severity, {}, {}, {}, {}, std::move(message), std::move(remedy)};
}

// Neither the records nor the certificates have to do with it.
Finding refused_for_now(const std::set<std::string>& whys, const std::string& own_address) {
  return found(FindingId::refused_for_now, Severity::unknown,
               fmt::format("it does not serve this host just now: {}", fmt::join(whys, "; ")),
               how_to_be_let_in(own_address));
}

std::vector<Finding> failed_offers(const std::vector<Handshake>& handshakes) {
  std::set<std::string> whys;
  bool only_late = true;
  for (const Handshake& handshake : handshakes) {
    if (handshake.kind != Kind::failed || handshake.refused_for_now) continue;
    only_late = only_late && handshake.out_of_time;
    whys.insert(fmt::format("{}{}: {}", handshake.offered == OfferedKeys::rsa ? "RSA" : "ECDSA",
                            handshake.server_name == ServerName::sent ? "" : " without SNI", handshake.why));
  }
  if (whys.empty()) return {};
  return {
      found(FindingId::handshake_failed, only_late ? Severity::unknown : Severity::warning,
            fmt::format("some handshakes {}: {}", only_late ? "were not done in time" : "fail", fmt::join(whys, "; ")),
            only_late ? "a server that greets late needs more time: [dns] probe_timeout in danectl.toml"
                      : "look into the server's log; a server that limits connections does this, too")};
}

// Whether the server has let in, or has put off before TLS, anybody: that it refuses a session for now is a limit then,
// and else it lets nobody in.
bool is_a_limit(const std::vector<Handshake>& handshakes) {
  return std::any_of(handshakes.begin(), handshakes.end(), [](const Handshake& one) {
    return one.kind == Kind::presented ? one.why.empty() : one.refused_for_now;
  });
}

}  // namespace

const Handshake* furthest_of(const std::vector<Handshake>& handshakes) {
  // That there is no certificate of one kind is no reason where the other kind could not be asked for.
  const auto rank = [](const Handshake& handshake) {
    return std::pair(handshake.kind == Kind::failed, handshake.reached);
  };
  const auto furthest = std::max_element(handshakes.begin(), handshakes.end(),
                                         [&](const Handshake& a, const Handshake& b) { return rank(a) < rank(b); });
  return furthest == handshakes.end() ? nullptr : &*furthest;
}

std::vector<Finding> check_no_handshake(const Handshake& furthest, Severity without_handshake) {
  if (furthest.refused_for_now) return {refused_for_now({furthest.why}, furthest.own_address)};
  switch (furthest.reached) {
    case Handshake::Reached::nothing:
      return {found(FindingId::connect_failed, Severity::critical, furthest.why,
                    "is the server running, and does a firewall let this host in?")};
    case Handshake::Reached::connected:
      return {found(FindingId::greeting_failed, Severity::critical, furthest.why,
                    furthest.out_of_time
                        ? "a server that greets late needs more time: [dns] probe_timeout in danectl.toml"
                        : "look into the server's log; does it refuse this host?")};
    case Handshake::Reached::greeted:
      return {found(FindingId::starttls_missing, without_handshake, furthest.why,
                    "switch STARTTLS on in the server (Postfix: smtpd_tls_security_level = may, Dovecot: ssl = yes); "
                    "senders that check DANE never deliver without TLS (RFC 7672 section 2.2)")};
    case Handshake::Reached::tls:
      break;
  }
  return {found(FindingId::handshake_failed, without_handshake, furthest.why,
                "look into the server's log; has it a certificate and its key?")};
}

std::string how_to_be_let_in(const std::string& own_address) {
  return fmt::format(
      "where a limit on clients is behind it, let it not count for {}, from which this host asks (Postfix: "
      "smtpd_client_event_limit_exceptions, postscreen_access_list); else try again later",
      own_address);
}

std::vector<Finding> check_handshakes(const std::vector<Handshake>& handshakes, Severity without_handshake) {
  std::vector<Finding> findings = failed_offers(handshakes);
  const bool limit = is_a_limit(handshakes);
  std::set<std::string> for_now;
  std::string own_address;
  for (const Handshake& handshake : handshakes) {
    if (!handshake.refused_for_now || !limit) continue;
    for_now.insert(handshake.why);
    own_address = handshake.own_address;
  }
  if (!for_now.empty()) findings.push_back(refused_for_now(for_now, own_address));
  // The handshake is not all: a server may hang up or refuse behind it, and then nothing is delivered.
  for (const Handshake& handshake : handshakes) {
    if (handshake.kind != Kind::presented || handshake.why.empty() || (limit && handshake.refused_for_now)) continue;
    findings.push_back(found(FindingId::greeting_failed, without_handshake,
                             fmt::format("it lets nobody in after the TLS handshake: {}", handshake.why),
                             "look into the server's log; does it demand a certificate of its clients? senders have "
                             "none"));
    break;
  }
  return findings;
}

}  // namespace danectl
