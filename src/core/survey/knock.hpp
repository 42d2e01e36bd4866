// What a mail server shows to two handshakes, against the records of its host. Pure.
#pragma once

#include "core/check/probe_result.hpp"
#include "core/dns/association.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace danectl {

struct Knock {
  enum class Verdict {
    verified,      // each chain that it shows passes DANE
    mismatch,      // one does not: senders that check DANE hold the mail
    no_handshake,  // it shows none
    not_probed,    // it was not asked: `why`
  } verdict = Verdict::not_probed;
  std::string address;  // that was asked; empty: none
  std::string why;      // unless verified
  RRset served;         // those of the records that name a key or certificate in a chain that it shows
  // Some (usage, selector, mtype) that has records matches, and another matches not.
  bool mixed = false;
};
std::string_view to_text(Knock::Verdict verdict);  // "verified", "no-handshake": the names, with '-'

struct KnockQuestion {
  const RRset& records;
  const std::vector<std::string>& names;  // reference identifiers (RFC 7672 section 3.2.2)
  WallTime now;
};

// `address`: of a probe with SNI.
Knock judge_knock(const ProbedAddress& address, const KnockQuestion& question);

}  // namespace danectl
