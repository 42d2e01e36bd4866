// May this chain become the deployed one, as far as the chain itself says? What DNS says is another question
// (question.hpp).
#pragma once

#include "core/certbot/renewal_rule.hpp"
#include "core/rollover/chain_keys.hpp"

#include <string>
#include <vector>

namespace danectl {

struct CandidateCheck {
  const Chain& candidate;  // as a server would get it (served_chain)
  const KeyId& wanted_key;
  const Chain& present;  // the deployed chain
  const LineageConfig& lineage;
  WallTime now;
  const std::vector<std::string>& wanted_names;  // of the present names those that must stay; any others may go
};

// What the chain itself must be: for the wanted key, in its dates, complete, with the names that must stay
// (check_hosts() among them); where the profile names an issuer, with that: the root of `append_root`, if there is one,
// has to close the chain.
Status check_chain(const CandidateCheck& check);

// Where the profile names an issuer the host of each owner must stay, since senders look for its name (RFC 7672 section
// 3.2.2). `candidate`: or certbot's certificate, whose names the next one gets.
Status check_hosts(const Certificate& candidate, const Certificate& present, const LineageConfig& lineage);

// The names of the present certificate that the fresh one does not have.
std::vector<std::string> names_that_go(const Certificate& present, const Certificate& fresh);

// Whether certbot was told of other names since this certificate for the next key was issued: it would bring back names
// that a person took out, or lack names that a person added.
bool is_of_other_names(const Certificate& issued, const Certificate& certbots);

// certbot would soon renew it, or half of its life is over and certbot renews even earlier: one that is due is not
// worth deploying.
bool due_for_renewal(const Certificate& certificate, const RenewalRule& rule, WallTime now);

}  // namespace danectl
