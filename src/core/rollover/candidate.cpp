#include "core/rollover/candidate.hpp"

#include "core/rollover/chain_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace danectl {
namespace {

Status check_names(const CandidateCheck& check) {
  const std::vector<std::string>& wanted = check.wanted_names;
  for (const std::string& name : names_that_go(check.present.leaf(), check.candidate.leaf())) {
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) continue;
    return failed(fmt::format("the new certificate is not for {}, but the deployed certificate is", name),
                  "renew it with all names");
  }
  return {};
}

Status check_anchor(const CandidateCheck& check) {
  if (!check.lineage.unread_roots.empty()) return Error{ErrorKind::no_permission, check.lineage.unread_roots, {}};
  if (!check.lineage.names_issuers() || keys_of(check.candidate, check.lineage).anchor) return {};
  if (!check.lineage.append_root.empty()) {
    return failed(fmt::format("no root in append_root {} closes the chain: its last certificate is from {}",
                              check.lineage.append_root, check.candidate.certificates.back().issuer),
                  "put the root that the CA's chains lead to now into that file, beside the one of before");
  }
  return failed("the chain has no issuer to send, which records of usage 2 name",
                "take the lines of usage 2 out of the profile");
}

}  // namespace

Status check_hosts(const Certificate& candidate, const Certificate& present, const LineageConfig& lineage) {
  if (!lineage.names_issuers()) return {};
  for (const DnsName& owner : lineage.tlsa) {
    const auto parts = parse_owner(owner);
    if (!parts) continue;
    const std::string host = parts->host.text();
    if (is_for(candidate, host) || !is_for(present, host)) continue;
    return failed(fmt::format("the new certificate is not for {}, and senders look for that name where a record names "
                              "the issuer (RFC 7672 section 3.2.2)",
                              host),
                  "renew it with that name in it, or take the lines of usage 2 out of the profile");
  }
  return {};
}

Status check_chain(const CandidateCheck& check) {
  const Certificate& leaf = check.candidate.leaf();
  if (!(leaf.key == check.wanted_key)) {
    return failed(
        fmt::format("the certificate is for the key {} and not for {}", leaf.key.sha256, check.wanted_key.sha256));
  }
  if (leaf.not_after <= check.now) {
    return failed(fmt::format("the certificate ended at {}", to_rfc3339(leaf.not_after)));
  }
  if (leaf.not_before > check.now) {
    return failed(fmt::format("the certificate is not valid before {}", to_rfc3339(leaf.not_before)),
                  "is the clock of this host right?");
  }
  if (auto complete = check_complete(check.candidate); !complete) return complete;
  if (auto anchored = check_anchor(check); !anchored) return anchored;
  if (auto hosts = check_hosts(check.candidate.leaf(), check.present.leaf(), check.lineage); !hosts) return hosts;
  return check_names(check);
}

std::vector<std::string> names_that_go(const Certificate& present, const Certificate& fresh) {
  std::vector<std::string> gone;
  std::set_difference(present.names.begin(), present.names.end(), fresh.names.begin(), fresh.names.end(),
                      std::back_inserter(gone));
  return gone;
}

bool is_of_other_names(const Certificate& issued, const Certificate& certbots) {
  return issued.not_before < certbots.not_before && issued.names != certbots.names;
}

bool due_for_renewal(const Certificate& certificate, const RenewalRule& rule, WallTime now) {
  const Milliseconds life = certificate.not_after - certificate.not_before;
  return certificate.not_after - now < std::min<Milliseconds>(renewed_below(rule, life), life / 2);
}

}  // namespace danectl
