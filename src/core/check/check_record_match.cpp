#include "core/check/check_record_match.hpp"

#include "core/check/check_keys.hpp"
#include "core/keys/dane_verify.hpp"
#include "core/rollover/chain_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace danectl {
namespace {

// The key of a lineage here, under whatever group.
bool is_of_key(const Association& record, const KeyId& key) {
  if (record.group.selector != 1 || record.group.mtype == 0) return false;
  return record == association_of(key, record.group);
}

class MatchFindings {
 public:
  explicit MatchFindings(const RecordsCheck& check)
      : check_(check), look_(check.look), rrsets_(distinct_rrsets(check.look)) {
    if (const auto parts = parse_owner(look_.owner)) host_ = parts->host.text();
  }

  std::vector<Finding> all() {
    for (const Chain& chain : check_.presented) groups_of(chain, {}, "a server presents");
    for (const LineageFacts& lineage : check_.lineages) {
      if (lineage.facts.deployed) groups_of(lineage.facts.deployed->chain, lineage.lineage.name, "is deployed");
    }
    foreign();
    return std::move(findings_);
  }

 private:
  void warn(FindingId id, const std::string& lineage, std::string message, std::string remedy) {
    findings_.push_back(
        {id, Severity::warning, lineage, look_.owner.text(), {}, {}, std::move(message), std::move(remedy)});
  }

  // A client may know only one of the groups, so each chain must match each of them (RFC 7671 section 8). Where no
  // group matches, the server's check or the current key's says so.
  void groups_of(const Chain& chain, const std::string& lineage, const char* subject) {
    const ChainView view{subject, KnownChain{shared(chain)}, {host_}};
    for (const RRset& rrset : rrsets_) {
      const auto passes_for = [&](const Sender& sender) { return passes(view, rrset, sender, check_.now.wall); };
      if (!passes_for({})) continue;
      const bool each = std::all_of(rrset.begin(), rrset.end(), [&](const Association& record) {
        return passes_for({Sender::Knows::one_line, record.group});
      });
      if (each) continue;
      for (const auto& [group, match] : dane_verify_groups(chain, rrset, {host_}, check_.now.wall)) {
        if (match || !told_.emplace(chain.leaf().key.sha256, group).second) continue;
        warn(FindingId::group_mismatch, lineage,
             fmt::format("the {} records by themselves do not pass for the chain that {}, with the key {}: {}",
                         group.text(), subject, chain.leaf().key.sha256, match.error().what),
             cure_of_mismatch(group, chain));
      }
    }
  }

  // The records that a lineage here wants are never to be deleted for the sake of another chain.
  [[nodiscard]] std::string cure_of_mismatch(const Group& group, const Chain& chain) const {
    const LineageFacts* const own = lineage_of(chain);
    if (own != nullptr && has(own->lineage, group)) {
      const auto wanted = associations_of(keys_of(chain, own->lineage), {group});
      const bool there = !wanted.empty() && is_published(wanted.front());
      return there ? fmt::format(
                         "its own record is there, but names and dates count, too, where an issuer is named: "
                         "renew the certificate with {} in it",
                         host_)
                   : how_to_publish(check_, own->lineage);
    }
    for (const LineageFacts& other : check_.lineages) {
      if (!has(other.lineage, group)) continue;
      return own != nullptr ? fmt::format("they are of {}: put \"{}\" into the profile of {}, too (RFC 7671 section 8)",
                                          other.lineage.name, group.text(), own->lineage.name)
                            : fmt::format(
                                  "they are of {}: have the server present what is deployed here, or publish the {} "
                                  "record of its chain, too (RFC 7671 section 8)",
                                  other.lineage.name, group.text());
    }
    return fmt::format("publish its {0} record, or delete all {0} records (RFC 7671 section 8)", group.text());
  }

  [[nodiscard]] const LineageFacts* lineage_of(const Chain& chain) const {
    for (const LineageFacts& one : check_.lineages) {
      if (one.facts.deployed && one.facts.deployed->chain.leaf().key == chain.leaf().key) return &one;
    }
    return nullptr;
  }

  static bool has(const LineageConfig& lineage, const Group& group) {
    return std::find(lineage.profile.begin(), lineage.profile.end(), group) != lineage.profile.end();
  }

  [[nodiscard]] bool is_published(const Association& record) const {
    return std::all_of(rrsets_.begin(), rrsets_.end(), [&](const RRset& rrset) { return contains(rrset, record); });
  }

  void foreign() {
    if (check_.lineages.empty()) return;
    for (const PlaceFact& place : check_.lineages.front().facts.places) {
      if (place.place.name != look_.canonical()) continue;
      for (const Association& record : place.foreign) warn_of_foreign(record, how_to_delete(record));
      for (const Association& record : place.foreign_of_wildcards) {
        if (!contains(place.foreign, record)) warn_of_foreign(record, "delete it at the wildcard, by hand");
      }
    }
  }

  void warn_of_foreign(const Association& record, const std::string& how) {
    if (is_known(record)) return;
    const std::string holder = check_.holder ? check_.holder(record) : std::string();
    warn(FindingId::foreign_record, {},
         holder.empty() ? fmt::format("no lineage here knows the record {}, and no server that was asked has its key",
                                      record.text())
                        : fmt::format("the record {} is of a key or issuer of {}, which has not this owner, and no "
                                      "server that was asked has its key",
                                      record.text(), holder),
         "if no other host needs it: " + how);
  }

  // `retire` takes no record whose data have not their length.
  [[nodiscard]] std::string how_to_delete(const Association& record) const {
    if (!Association::parse(record.text())) return "delete it from the zone by hand";
    return fmt::format("danectl retire {} --foreign \"{}\"", check_.lineages.front().lineage.name, record.text());
  }

  // By its key, or since it is of what another host behind the same name presents.
  [[nodiscard]] bool is_known(const Association& record) const {
    const auto shown = [&](const Chain& chain) { return shows(chain, record); };
    return std::any_of(check_.presented.begin(), check_.presented.end(), shown) ||
           std::any_of(check_.without_sni.begin(), check_.without_sni.end(), shown) ||
           std::any_of(check_.lineages.begin(), check_.lineages.end(), [&](const LineageFacts& lineage) {
             const Facts& facts = lineage.facts;
             return (facts.deployed && shown(facts.deployed->chain)) ||
                    (facts.certbot && shown(facts.certbot->chain)) ||
                    (facts.next && is_of_key(record, facts.next->key)) ||
                    std::any_of(facts.candidates.begin(), facts.candidates.end(),
                                [&](const CandidateFact& one) { return is_of_key(record, one.keys.key); });
           });
  }

  const RecordsCheck& check_;
  const OwnerLook& look_;
  const std::vector<RRset> rrsets_;
  std::string host_;
  std::set<std::pair<std::string, Group>> told_;  // key, group
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_record_match(const RecordsCheck& check) {
  return MatchFindings(check).all();
}

}  // namespace danectl
