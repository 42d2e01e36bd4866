// What has to be added to a published RRset so that all is there that is wanted. Pure.
#pragma once

#include "core/rollover/wanted.hpp"

#include <string>
#include <vector>

namespace danectl {

// For one canonical name.
struct RRsetChange {
  DnsName owner;
  std::optional<DnsName> zone;  // nothing: not known
  Seconds ttl{};                // that the RRset has; the configured one when there is none
  // In this order, so that a method that adds one at a time never leaves a (usage, selector, mtype) group without the
  // current key of each lineage (RFC 7671 section 8): current, next, candidate, retiring.
  std::vector<Association> add;
  std::vector<Association> partly_there;  // of those to add: what some server has already
  // Some validated answer has no usable record, or none but of SHA-512, which senders need not know: with the first one
  // every sender, or each of those, begins to check (promise 3).
  enum class Before { dane_is_on, dane_is_on_by_sha512, dane_is_off };
  Before before = Before::dane_is_on;
  [[nodiscard]] bool begins() const { return before != Before::dane_is_on; }
};

// What of the change begins nothing; perhaps nothing at all.
RRsetChange without_what_begins(RRsetChange change);

struct Additions {
  std::vector<RRsetChange> changes;     // only those with something to add
  std::vector<std::string> unanswered;  // "OWNER: why" where no validated answer says what is published
};

// Leaves out retiring records of a kind that no profile has and that some server has none of: one that comes first may
// hide all others (RFC 7671 section 9). Where nothing is known of DNS they stay.
void drop_what_would_begin_a_kind(std::vector<WantedRRset>& rrsets, const std::vector<LineageWants>& wants,
                                  const std::vector<OwnerLook>& looks);

// For whoever puts the RRset as it is printed into the place of the published one. While retiring records of a digest
// are left that the profile has no more, the current key keeps its own, and the others what is published of theirs: it
// would hide what they have, or be hidden (RFC 7671 section 9).
void add_digests_that_are_left(std::vector<WantedRRset>& rrsets, const std::vector<LineageWants>& wants,
                               const std::vector<OwnerLook>& looks);

// A record is missing when some validated answer is without it, or when danectl has deleted it meanwhile. Retiring ones
// are wanted, too, unless no server can ever have had their key, or they are deleted: that a slow server still gives
// one does not bring it back; nor is one of a kind begun that no profile has. `looks` say which owners it is about.
Additions additions(const std::vector<LineageWants>& wants, const std::vector<OwnerLook>& looks,
                    const DefaultTtl& default_ttl);

struct PublishedRecord {
  DnsName owner;
  Association association;
};

// What some server has and none of these lineages wants: never deleted but by a person who names it.
std::vector<PublishedRecord> foreign_records(const std::vector<LineageWants>& wants,
                                             const std::vector<OwnerLook>& looks);

}  // namespace danectl
