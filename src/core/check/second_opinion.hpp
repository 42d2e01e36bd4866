// Whose word a CRITICAL about DNSSEC rests on: the configured resolver may have a zone of its own making, which no
// sender sees (split horizon). Then a look from the root, without that resolver, decides. Pure.
#pragma once

#include "core/check/finding.hpp"
#include "core/dns/inspection.hpp"

#include <string>
#include <vector>

namespace danectl {

// One owner as it was seen in one of the two ways. REQUIRES: `look` is of one of the looks that were inspected.
struct DnsSight {
  const OwnerLook& look;
  const Inspection& inspection;
};

// Whether `check` would say of this owner that senders hold mail since DNSSEC fails.
bool is_held_by_dnssec(const DnsSight& sight);

// Whether the look from the root shows less of that, and left nothing open: then it counts in place of the resolver's.
bool overrules(const DnsSight& from_root, const DnsSight& by_resolver);

Finding resolver_differs(const DnsSight& from_root, const DnsSight& by_resolver);
// `owner`: empty where it is not about one. `by_resolver`: in words.
Finding resolver_differs(const std::string& owner, Dnssec from_root, const std::string& by_resolver);

// Keeps one of these, the first, which then names the owners and domains of the others: one resolver is behind all.
std::vector<Finding> with_one_differing(std::vector<Finding> findings);

// What is to be added to each CRITICAL about DNSSEC that stays: that the root showed something else, or that no look
// from there could be made. Empty: the root shows the same.
std::string left_open_by(const DnsSight& from_root, const DnsSight& by_resolver);
std::string no_look_from_root(const std::string& why);

// Adds `text` to those among these findings that are CRITICAL and about DNSSEC.
std::vector<Finding> with_reservation(std::vector<Finding> findings, const std::string& text);

// Puts what the root shows of this owner and its host in the place of what the resolver showed.
void put_in_place(Inspection& inspection, const DnsSight& from_root);

}  // namespace danectl
