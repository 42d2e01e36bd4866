#include "core/rollover/candidate.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

Status check_names(const CandidateCheck& check) {
  const std::vector<std::string>& has = check.candidate.leaf().names;
  for (const std::string& name : check.present.leaf().names) {
    if (std::find(has.begin(), has.end(), name) == has.end()) {
      return failed(fmt::format("the new certificate is not for {}, which the deployed one is for", name),
                    "renew it with all names, or take the name out with certbot first and let danectl adopt that");
    }
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
  return check_names(check);
}

bool due_for_renewal(const Certificate& certificate, WallTime now) {
  const auto life = certificate.not_after - certificate.not_before;
  return certificate.not_after - now < life / 3;
}

}  // namespace danectl
