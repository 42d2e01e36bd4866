#include "core/survey/knock.hpp"

#include "core/dns/look.hpp"
#include "core/keys/dane_verify.hpp"

#include <algorithm>

namespace danectl {
namespace {

std::string_view to_text(OfferedKeys keys) {
  return keys == OfferedKeys::rsa ? "RSA" : "ECDSA";
}

void judge_chain(Knock& knock, const Handshake& handshake, const KnockQuestion& question) {
  const auto match = dane_verify(handshake.chain, question.records, question.names, question.now);
  if (!match && knock.verdict != Knock::Verdict::mismatch) {
    knock.verdict = Knock::Verdict::mismatch;
    knock.why = std::string(to_text(handshake.offered)) + ": " + match.error().what;
  }
  for (const Association& record : question.records) {
    if (!contains(knock.served, record) && shows(handshake.chain, record)) knock.served.push_back(record);
  }
  const auto groups = dane_verify_groups(handshake.chain, question.records, question.names, question.now);
  const auto matches = [](const auto& group) { return group.second.ok(); };
  if (std::any_of(groups.begin(), groups.end(), matches) && !std::all_of(groups.begin(), groups.end(), matches)) {
    knock.mixed = true;
  }
}

}  // namespace

std::string_view to_text(Knock::Verdict verdict) {
  switch (verdict) {
    case Knock::Verdict::verified:
      return "verified";
    case Knock::Verdict::mismatch:
      return "mismatch";
    case Knock::Verdict::no_handshake:
      return "no-handshake";
    case Knock::Verdict::not_probed:
      break;
  }
  return "not-probed";
}

Knock judge_knock(const ProbedAddress& address, const KnockQuestion& question) {
  Knock knock;
  knock.address = address.address;
  if (address.kind != ProbedAddress::Kind::probed) {
    knock.why = address.why;
    return knock;
  }
  knock.verdict = Knock::Verdict::verified;
  bool presented = false;
  for (const Handshake& handshake : address.handshakes) {
    if (handshake.kind != Handshake::Kind::presented) continue;
    presented = true;
    judge_chain(knock, handshake, question);
  }
  if (presented) return knock;
  knock.verdict = Knock::Verdict::no_handshake;
  const auto furthest =
      std::max_element(address.handshakes.begin(), address.handshakes.end(),
                       [](const Handshake& one, const Handshake& other) { return one.reached < other.reached; });
  if (furthest != address.handshakes.end()) knock.why = furthest->why;
  return knock;
}

}  // namespace danectl
