// A name at which an RRset stands: what servers give there, and which lineages have records there.
#pragma once

#include "core/config/probe_url.hpp"
#include "core/rollover/question.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

// A record of a key or issuer that a lineage has or had, in a form that a profile can have.
struct KnownRecord {
  Association association;
  std::optional<Instant> unwanted_since;
};

// A lineage at a name that one of its owners is, or leads to.
struct LineageOn {
  std::string name;
  std::vector<ChainView> presented;  // with the hosts of those owners
  std::vector<Wanted> wanted;
  std::vector<KnownRecord> known;
  std::vector<ProbeUrl> probes;
  std::string unreadable;  // why none of this is known; empty: it is
};

// What probes of the servers on this name showed.
struct Shown {
  std::vector<ChainView> with_sni;
  std::vector<ChainView> without_sni;  // no sender that checks DANE sees these (RFC 7671 section 3)
  Objections unknown;                  // a probe that could not be asked
  Objections unknown_without_sni;      // a handshake without SNI that failed
  Objections left_out;                 // an address that this host has no route to
};

struct Place {
  DnsName name;  // the end of the aliases: the RRset stands here
  Ledger ledger;
  Objections unanswered;  // what all_answered() says of the owners that lead here
  std::vector<LineageOn> lineages;
  Objections against_first;  // what may_begin_below() says of this name
  // Whether an alias of one of them leads here: then the name does not tell of every host.
  enum class Owners { are_the_name, some_are_aliases } owners = Owners::are_the_name;
};

// The versions that the servers of the zone give, each once.
std::vector<Version> given_versions(const Ledger& ledger);

// Foreign: published, and known to no lineage here. What stands at the name, and what a wildcard gives there. Only a
// person deletes a record of a wildcard, since other names may have it too.
RRset foreign_at(const Place& place);
RRset foreign_of_wildcards(const Place& place);
RRset wanted_at(const Place& place);
// Of the keys and issuers of the lineages there, in any form that a profile can have.
RRset known_at(const Place& place);
// Wanted, and not everywhere; with what a wildcard gives, which an RRset at the name hides.
RRset missing_at(const Place& place);

// Whether a probe of some lineage tells what the servers of this name present.
bool any_probes(const Place& place);

// All records of these versions.
RRset somewhere(const std::vector<Version>& given);

// Both, and the first without the second: sorted.
RRset with(RRset rrset, const RRset& more);
RRset without(RRset rrset, const RRset& fewer);

}  // namespace danectl
