#include "core/wanted.hpp"

#include <algorithm>

namespace danectl {
namespace {

WantedRRset& at(std::vector<WantedRRset>& rrsets, const DnsName& owner) {
  const auto found =
      std::find_if(rrsets.begin(), rrsets.end(), [&](const WantedRRset& rrset) { return rrset.owner == owner; });
  if (found != rrsets.end()) return *found;
  WantedRRset fresh;
  fresh.owner = owner;
  fresh.canonical = owner;
  rrsets.push_back(fresh);
  return rrsets.back();
}

void add_key(WantedRRset& rrset, const LineageWants& wants, const KeyId& key, RecordRole role) {
  for (const Association& association : associations_of(key, wants.lineage.profile)) {
    rrset.add(association, role, wants.lineage.name);
  }
}

void add_lineage(std::vector<WantedRRset>& rrsets, const LineageWants& wants) {
  const State& state = wants.state;
  for (const DnsName& owner : wants.lineage.tlsa) {
    WantedRRset& rrset = at(rrsets, owner);
    if (state.current) add_key(rrset, wants, state.current->key, RecordRole::current);
    if (state.next) add_key(rrset, wants, state.next->key, RecordRole::next);
    for (const CandidateKey& candidate : state.candidates) add_key(rrset, wants, candidate.key, RecordRole::candidate);
    for (const RetiringRecord& record : state.retiring) {
      if (record.owner == owner) rrset.add(record.association, RecordRole::retiring, wants.lineage.name);
    }
  }
}

}  // namespace

std::optional<DnsName> zone_of(const OwnerLook& look) {
  std::optional<DnsName> closest;
  for (const ZoneServers& zone : look.zones) {
    if (!look.canonical().is_below_or_equal(zone.apex)) continue;
    if (!closest || zone.apex.is_below_or_equal(*closest)) closest = zone.apex;
  }
  return closest;
}

std::optional<Seconds> published_ttl(const OwnerLook& look) {
  std::optional<Seconds> ttl;
  for (const ServerAnswer& answer : look.answers) {
    if (answer.kind != ServerAnswer::Kind::validated || answer.cname || answer.records.empty()) continue;
    if (answer.qname == look.canonical()) ttl = std::max(ttl.value_or(Seconds{0}), answer.ttl);
  }
  return ttl;
}

std::vector<WantedRRset> wanted_rrsets(const std::vector<LineageWants>& wants, const std::vector<OwnerLook>& looks,
                                       const DefaultTtl& default_ttl) {
  std::vector<WantedRRset> rrsets;
  for (const LineageWants& lineage : wants) add_lineage(rrsets, lineage);
  for (WantedRRset& rrset : rrsets) {
    rrset.ttl = default_ttl.of(rrset.canonical);
    for (const OwnerLook& look : looks) {
      if (look.owner != rrset.owner) continue;
      rrset.canonical = look.canonical();
      rrset.zone = zone_of(look);
      rrset.ttl = published_ttl(look).value_or(default_ttl.of(rrset.canonical));
    }
  }
  std::sort(rrsets.begin(), rrsets.end(), [](const WantedRRset& a, const WantedRRset& b) { return a.owner < b.owner; });
  return rrsets;
}

}  // namespace danectl
