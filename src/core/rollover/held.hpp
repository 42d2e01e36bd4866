// Held: the versions that some sender may have now, at an owner and wherever its aliases lead.
#pragma once

#include "core/rollover/versions.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace danectl {

// By name: the owners' own, and those of the names that their aliases lead to.
using Ledgers = std::map<DnsName, Ledger>;

struct HeldVersion {
  enum class By {
    server,       // gives it now, or gave it last and has not answered since
    gone_server,  // caches may know the old delegation still
    cache,        // nobody gives it; it may have been given until `until`
    asked_for,    // danectl asked for it, and it may yet be done
    resolver,     // the resolver of this host gives it
  };
  By by = By::server;
  DnsName name;        // where it stands
  Version version;     // never an alias
  std::string server;  // "ns1.example.com (192.0.2.1)"; of a server alone
  std::optional<Since> until;
  Seconds lasts{};  // of a cache: the hold-down that began at `until`
};

// By `--no-hold` caches do not count. Name servers always count.
enum class Caches { count, left_out_by_a_person };

struct HoldRule {
  Seconds min_hold{};
  Instant now;
  Caches caches = Caches::count;
};

std::vector<HeldVersion> held(const Ledgers& ledgers, const DnsName& owner, const HoldRule& rule);

// The names that a sender may be led to from this owner, itself first: by the aliases that are given, and by those that
// caches may hold.
std::vector<DnsName> names_behind(const Ledgers& ledgers, const DnsName& owner, const Instant& now);

// Where the base domain of the owner is an alias, senders look for records below the name that it leads to first, and
// use the owner's own only where they find none there (RFC 7672 section 2.2.3). Those owners, by the ledger of the base
// domain: each that a sender may be led to. Empty: the base domain is no alias, as far as is known.
std::vector<DnsName> expanded_owners(const Ledgers& ledgers, const DnsName& owner, const HoldRule& rule);

// Every name whose versions count for a chain at this owner: names_behind() of the owner, and where its base domain is
// an alias, of the base domain and of the expanded owners.
std::vector<DnsName> names_that_count(const Ledgers& ledgers, const DnsName& owner, const Instant& now);

// The ledger of a name; one that knows nothing when there is none.
const Ledger& ledger_of(const Ledgers& ledgers, const DnsName& name);

}  // namespace danectl
