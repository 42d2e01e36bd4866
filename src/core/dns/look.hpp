// What one look at DNS saw. Values only: the resolver port makes them, the
// ledger and the question read them. "Could not be asked" and "answered without it" are never the same thing.
#pragma once

#include "core/base/time.hpp"
#include "core/dns/association.hpp"
#include "core/dns/dns_name.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

// RFC 4035 section 4.3; unknown: no answer, or an error instead of one.
enum class Dnssec { secure, insecure, bogus, unknown };
std::string_view to_text(Dnssec dnssec);

// One address of one authoritative server, asked for one name of the CNAME chain.
struct ServerAnswer {
  enum class Kind {
    validated,  // a DNSSEC-validated answer, positive or negative
    unknown,    // silent, SERVFAIL, refused, insecure, bogus: `why` says which
    left_out,   // not asked: no route for its family, or in [dns] ignore: `why` says which
  };
  Kind kind = Kind::unknown;
  std::string why;                  // empty when validated
  Dnssec dnssec = Dnssec::unknown;  // of what came from it; bogus and insecure answers leave the kind `unknown`
  DnsName server;                   // the name in the NS RRset, of the zone or of its parent's delegation
  std::string address;              // "192.0.2.1", "2001:db8::1"; empty when the name's address could not be found
  DnsName zone;                     // the zone it was asked as a server of
  DnsName qname;                    // the name it was asked for
  // The zone itself does not lead here, its parent does: by a server that the zone does not name, or by an address
  // (glue) that the server's name has not.
  bool by_parent_alone = false;
  // How long caches go on asking it once nothing leads here any more: the longest TTL of the NS RRsets that name it,
  // the zone's and its parent's, and of its address.
  Seconds delegation_ttl{};

  // When validated, what the server itself says about qname:
  std::optional<DnsName> cname;  // an alias to this
  RRset records;                 // else its TLSA RRset, sorted; empty: NODATA or NXDOMAIN
  Seconds ttl{};                 // of the CNAME, of the RRset, or min(SOA TTL, SOA minimum) (RFC 2308 section 5)
  std::optional<WallTime> signature_begins;  // of the RRset; of several that which ends last
  std::optional<WallTime> signature_ends;
  // The records came from a wildcard (RFC 4592): nothing stands at qname itself.
  bool from_wildcard = false;
  // Of the answer with its signatures; at least, since what a server adds beside it is not counted. 0: not known.
  std::size_t octets = 0;
};

inline bool is_validated(const ServerAnswer& answer) {
  return answer.kind == ServerAnswer::Kind::validated;
}

struct DelegatedServer {
  DnsName name;
  std::vector<std::string> glue;  // its addresses as the parent gives them, sorted; none: it gives none
  bool operator==(const DelegatedServer&) const = default;
};

// What the servers of a zone's parent say, all taken together: where they disagree, resolvers go by any of them. It is
// not signed (RFC 4035 section 2.2): it only ever adds servers to ask.
struct Delegation {
  DnsName parent;
  std::vector<DelegatedServer> servers;  // sorted by name, each once
  // Whether each server of the parent that was asked gave its word. Else one of them may name more.
  bool whole = true;
  bool operator==(const Delegation&) const = default;
};

// A zone that holds a name of the CNAME chain, and the servers that answer for it.
struct ZoneServers {
  DnsName apex;
  std::vector<DnsName> servers;          // names of the zone's own NS RRset, sorted, each once
  std::optional<Delegation> delegation;  // nothing: not known, or the parent is not asked
  bool operator==(const ZoneServers&) const = default;
};

// "ns1.example.com (192.0.2.1)"
std::string server_text(const DnsName& server, const std::string& address);

// What the resolver's answer for one type of address says of a host.
struct AddressAnswer {
  Dnssec dnssec = Dnssec::unknown;  // aliases included
  std::string why;                  // when not secure
  std::vector<DnsName> aliases;     // host first, when it is an alias
  std::optional<bool> any{};        // whether there is such an address; nothing: not known
};

// What a look saw of one owner.
struct OwnerLook {
  DnsName owner;
  std::vector<DnsName> chain;  // owner first, then each CNAME target; the last is the canonical name. Empty: not known
  Dnssec dnssec = Dnssec::unknown;  // of the validating resolver's answer, validated here
  std::string why;                  // when not secure: what was seen instead
  // When unknown: what it was that gave no answer.
  enum class Unanswered { no, resolver, by_error, by_silence } unanswered = Unanswered::no;
  std::optional<DnsName> insecure_at;  // when insecure: the name of the chain that no signed zone holds, if known
  RRset resolver_records;              // the RRset in the resolver's answer, sorted; it may come from its cache
  std::vector<ZoneServers> zones;      // of the chain's names, in its order, each once. Empty: not known
  std::vector<ServerAnswer> answers;
  // Whether the owner's base domain is an alias, by the resolver's answer about its address, be it signed or not.
  bool host_is_alias = false;
  bool host_is_from_wildcard = false;  // what the resolver gives there comes of a wildcard
  std::string host_unknown;            // why one of them is not known; empty: both are
  AddressAnswer host_v4;               // of the base domain's A records

  [[nodiscard]] const DnsName& canonical() const { return chain.empty() ? owner : chain.back(); }
};

// One look: all owners were asked about together, side by side.
struct Look {
  Instant started;                // what was given before this may have changed since
  Instant ended;                  // what no server gives any more was last given before this
  std::vector<OwnerLook> owners;  // none: DNS was not asked
  // When the newest of the validated signatures over the SOA of the root and of the owners' top-level domains was made.
  // Those of the owners' zones do not count: they may be made on this host, by the clock that is in doubt.
  std::optional<WallTime> signed_time{};
};

// Whether every authoritative server has an association.
enum class Presence {
  everywhere,  // each server asked gave a validated answer with it, and at least one was asked
  lacking,     // some validated answer is without it, or has another alias
  unknown,     // neither can be said
};

// What a validated answer is short of: the next alias of the chain, or, at its end, the association. Nothing: it is as
// it should be. REQUIRES: answer.kind is validated.
std::optional<std::string> shortfall(const OwnerLook& look, const ServerAnswer& answer, const Association& association);

struct Sighting {
  Presence presence = Presence::unknown;
  // One phrase for each server that does not have it or could not be asked, each naming server and
  // address; or, without any, what kept the servers from being asked at all.
  std::vector<std::string> reasons;
};

Sighting sighting(const OwnerLook& look, const Association& association);

// The TTL that the RRset has on the authoritative servers, the largest where they differ; nothing when there is none.
std::optional<Seconds> published_ttl(const OwnerLook& look);

// The distinct RRsets that validated answers gave for the canonical name.
std::vector<RRset> distinct_rrsets(const OwnerLook& look);

// The look at this owner; nothing when it is not among them. Of looks sorted by owner it is found at once.
const OwnerLook* look_of(const std::vector<OwnerLook>& looks, const DnsName& owner);

// Why DNS tells this host nothing, where it gave no answer about any of these owners; nothing: it did about one, or
// none was asked for. It is the resolver or the trust anchor that is unusable then, and no name server.
std::optional<std::string> why_dns_is_silent(const std::vector<OwnerLook>& looks);

bool contains(const RRset& rrset, const Association& association);

}  // namespace danectl
