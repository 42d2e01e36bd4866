// What libunbound gave for one question, and what that says by DNSSEC.
#pragma once

#include "core/dns/dns_name.hpp"
#include "core/dns/look.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace danectl {

struct Reply {
  enum class Kind {
    secure,     // validated, with data or as a proof that there is none
    insecure,   // an answer from where DNSSEC is provably not in use
    bogus,      // an answer that failed validation
    failed,     // an error instead of an answer (SERVFAIL)
    silent,     // nothing within the time for an answer
    not_asked,  // no time or no context was left for it
  };
  Kind kind = Kind::not_asked;
  std::string why;                   // empty when secure
  int libunbound_error = 0;          // when libunbound itself refused the question
  std::vector<std::uint8_t> packet;  // the message, when secure or insecure
  std::vector<std::string> rdata;    // of the RRset asked for, when secure or insecure; empty: there is none
};

// With data, or without them; it may not be signed.
bool is_answer(const Reply& reply);

// What the reply says of the names it covers; and the words for it when that is not `secure`.
Dnssec dnssec_of(Reply::Kind kind);
std::string why_not_secure(const DnsName& name, const Reply& reply);

// The same where the root itself may not have been validated: then nothing was proven not to be signed. `root`: the
// reply to the question for its DNSKEY.
Dnssec judged(const Reply& reply, const Reply& root);

}  // namespace danectl
