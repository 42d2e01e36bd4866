#include "core/rollover/wanted.hpp"

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

struct Use {
  Association association;
  RecordRole role;
};

std::vector<Use> uses_of(const LineageWants& wants) {
  std::vector<Use> uses;
  const auto use = [&](const std::vector<Association>& associations, RecordRole role) {
    for (const Association& association : associations) uses.push_back({association, role});
  };
  const LineageConfig& lineage = wants.lineage;
  const State& state = wants.state;
  if (state.current) use(associations_of(state.current->keys(), lineage.profile), RecordRole::current);
  if (state.next) use(associations_of(state.next->keys(), lineage.profile), RecordRole::next);
  for (const KeyId& issuer : further_issuers(lineage, state)) {
    use(associations_of_issuer(issuer, lineage.profile), RecordRole::next);
  }
  for (const CandidateKey& candidate : state.candidates) {
    use(associations_of(candidate.keys(), lineage.profile), RecordRole::candidate);
  }
  return uses;
}

void add_lineage(std::vector<WantedRRset>& rrsets, const LineageWants& wants) {
  const std::vector<Use> uses = uses_of(wants);
  for (const DnsName& owner : wants.lineage.tlsa) {
    WantedRRset& rrset = at(rrsets, owner);
    for (const Use& use : uses) rrset.add(use.association, use.role, wants.lineage.name);
    for (const RetiringRecord& record : wants.state.retiring) {
      if (record.owner == owner) rrset.add(record.association, RecordRole::retiring, wants.lineage.name);
    }
  }
}

}  // namespace

std::vector<std::string> LineageWants::hosts_at(const DnsName& owner) const {
  std::vector<std::string> hosts;
  const auto add = [&](const DnsName& one) {
    if (const auto parts = parse_owner(one)) hosts.push_back(parts->host.text());
  };
  const auto [begin, end] = own.equal_range(owner);
  for (auto one = begin; one != end; ++one) add(one->second);
  if (begin == end) add(owner);
  return hosts;
}

std::vector<Association> wanted_associations(const LineageWants& wants) {
  std::vector<Association> associations;
  for (Use& use : uses_of(wants)) associations.push_back(std::move(use.association));
  return associations;
}

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

RRset withdrawn_at(const std::vector<LineageWants>& wants, const DnsName& name) {
  RRset withdrawn;
  for (const LineageWants& lineage : wants) {
    for (const OwnerLedger& ledger : lineage.state.ledgers) {
      if (ledger.canonical() != name && ledger.owner != name) continue;
      withdrawn.insert(withdrawn.end(), ledger.withdrawn.begin(), ledger.withdrawn.end());
    }
  }
  return withdrawn;
}

void drop_what_goes(std::vector<WantedRRset>& rrsets, const std::vector<LineageWants>& wants) {
  for (WantedRRset& rrset : rrsets) {
    RRset going;
    RRset staying;
    for (const LineageWants& lineage : wants) {
      for (const RetiringRecord& record : lineage.state.retiring) {
        if (record.owner == rrset.owner) (record.decided ? going : staying).push_back(record.association);
      }
    }
    const RRset withdrawn = withdrawn_at(wants, rrset.canonical);
    std::erase_if(rrset.records, [&](const WantedRecord& record) {
      const bool let_go = contains(going, record.association) && !contains(staying, record.association);
      return record.uses.front().role == RecordRole::retiring && (let_go || contains(withdrawn, record.association));
    });
  }
}

}  // namespace danectl
