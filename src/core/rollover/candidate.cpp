#include "core/rollover/candidate.hpp"

#include "core/keys/dane_verify.hpp"
#include "core/keys/usable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

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
  if (!check.lineage.unread_roots.empty()) return Error{ErrorKind::forbidden, check.lineage.unread_roots, {}};
  if (!check.lineage.names_issuers() || keys_of(check.candidate, check.lineage).anchor) return {};
  if (!check.lineage.append_root.empty()) {
    return failed(fmt::format("no root in append_root {} closes the chain: its last certificate is from {}",
                              check.lineage.append_root, check.candidate.certificates.back().issuer),
                  "put the root that the CA's chains lead to now into that file, beside the one of before");
  }
  return failed("the chain has no issuer to send, which records of usage 2 name",
                "take the lines of usage 2 out of the profile");
}

RRset only(const RRset& rrset, const Group& group) {
  RRset some;
  std::copy_if(rrset.begin(), rrset.end(), std::back_inserter(some),
               [&](const Association& association) { return association.group == group; });
  return some;
}

// What a sender looks at in place of the candidate's records: a stronger digest of the same kind, which hides theirs
// (RFC 7671 section 9), while the candidate has none like it.
std::string hint_of_hiding(const CandidateCheck& check, const RRset& rrset) {
  const std::vector<Association> hiding =
      records_in_the_way(keys_of(check.candidate, check.lineage), check.lineage.profile, rrset);
  if (hiding.empty()) return {};
  std::string records;
  for (const Association& record : hiding) records += (records.empty() ? "" : ", ") + record.text();
  const std::string group = hiding.front().group.text();
  return fmt::format(
      "{} hides the weaker digests (RFC 7671 section 9): delete it, or put \"{}\" into the profile and "
      "publish that of this key too",
      records, group);
}

Status check_against(const CandidateCheck& check, const DnsName& owner, const RRset& rrset) {
  std::vector<std::string> names;
  if (const auto parts = parse_owner(owner)) names.push_back(parts->host.text());
  for (const RRset& seen : as_clients_see(rrset)) {
    const auto whole = dane_verify(check.candidate, seen, names, check.now);
    if (whole) continue;
    return failed(
        fmt::format("the new chain does not pass DANE with the records at {}: {}", owner.text(), whole.error().what),
        hint_of_hiding(check, rrset));
  }
  for (const Group& group : check.lineage.profile) {
    const auto match = dane_verify(check.candidate, only(rrset, group), names, check.now);
    if (!match) {
      return failed(fmt::format("the new chain does not pass DANE with the {} records at {}: {}", group.text(),
                                owner.text(), match.error().what));
    }
  }
  return {};
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

Status check_dane(const CandidateCheck& check, const std::vector<OwnerLook>& looks) {
  for (const OwnerLook& look : looks) {
    const std::vector<RRset> sets = distinct_rrsets(look);
    if (sets.empty())
      return not_yet(fmt::format("no validated TLSA RRset of {} to check the chain with", look.owner.text()));
    for (const RRset& rrset : sets) {
      if (auto status = check_against(check, look.owner, rrset); !status) return status;
    }
  }
  return {};
}

std::vector<Association> records_in_the_way(const ChainKeys& keys, const std::vector<Group>& profile,
                                            const RRset& rrset) {
  std::vector<Association> hiding;
  for (const Association& record : rrset) {
    const bool hides_ours =
        std::any_of(profile.begin(), profile.end(), [&](const Group& group) { return hides(record.group, group); });
    if (!usable(record) || !hides_ours) continue;
    const std::vector<Association> ours = associations_of(keys, {record.group});
    if (ours.empty() || !contains(rrset, ours.front())) hiding.push_back(record);
  }
  return hiding;
}

bool due_for_renewal(const Certificate& certificate, WallTime now) {
  const auto life = certificate.not_after - certificate.not_before;
  return certificate.not_after - now < life / 3;
}

}  // namespace danectl
