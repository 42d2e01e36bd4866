// What should be published at each owner: the records of all lineages that share it, with their reasons.
#pragma once

#include "core/config/publish_config.hpp"
#include "core/records/records_text.hpp"
#include "core/rollover/state.hpp"

#include <map>

namespace danectl {

struct LineageWants {
  const LineageConfig& lineage;
  const State& state;
  // Where some sender may go by no record of its key but by one of its issuer, which names and dates decide, too:
  // without a line 3 1 1 in the profile.
  const Chain* deployed = nullptr;
  // Where owners are aliases: for an owner in `tlsa` the lineage's own that lead to the same name.
  std::multimap<DnsName, DnsName> own{};

  // The hosts whose senders use the records at an owner, for this lineage: the names its chain has to have.
  [[nodiscard]] std::vector<std::string> hosts_at(const DnsName& owner) const;
};

// What a lineage wants at each of its owners for what it serves or may serve next: all but what is retiring.
std::vector<Association> wanted_associations(const LineageWants& wants);

// Each owner of these lineages once, sorted. `looks` give canonical name, zone and the TTL the RRset has; where they do
// not know, the owner itself, no zone and `default_ttl`.
std::vector<WantedRRset> wanted_rrsets(const std::vector<LineageWants>& wants, const std::vector<OwnerLook>& looks,
                                       const DefaultTtl& default_ttl);

// What some lineage here has deleted at an owner, by its own or its canonical name, and servers may still give.
RRset withdrawn_at(const std::vector<LineageWants>& wants, const DnsName& name);

// Leaves out what is wanted for nothing but being retiring, where it is withdrawn, or a person let it go.
void drop_what_goes(std::vector<WantedRRset>& rrsets, const std::vector<LineageWants>& wants);

// The closest zone above the canonical name; nothing: not known.
std::optional<DnsName> zone_of(const OwnerLook& look);

// The TTL that the RRset has on the authoritative servers, the largest where they differ; nothing when there is none.
std::optional<Seconds> published_ttl(const OwnerLook& look);

}  // namespace danectl
