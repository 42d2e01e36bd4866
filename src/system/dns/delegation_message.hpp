// Reads what DNS messages tell of delegations. Nothing here is verified, and the parent's side of a delegation is never
// signed (RFC 4035 section 2.2): what is read may add servers to ask, whose answers have to be valid, and nothing else.
#pragma once

#include "core/base/time.hpp"
#include "core/dns/dns_name.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace danectl {

// A TTL that is not signed, as a cache may keep it: no longer than this (RFC 8767 section 4: days to weeks). Without a
// limit an invented TTL would stop each rollover for years.
constexpr Seconds longest_unsigned_ttl{7 * 86400};

struct NamedServer {
  DnsName name;
  Seconds ttl{};                        // of the NS record
  std::map<std::string, Seconds> glue;  // its addresses that came along, and their TTL
};

// The servers of `apex` that a server of `parent` names: in a referral (RFC 1034 section 4.2.1), or in its answer where
// it serves both zones. Glue for names that are not below the parent no resolver takes. Empty: it names none. Nothing:
// the message cannot be read, or names a server that a DnsName cannot hold.
std::optional<std::vector<NamedServer>> read_delegation(std::span<const std::uint8_t> packet, const DnsName& apex,
                                                        const DnsName& parent);

// The zone above `apex`, from the answer to a question for the DS records of `apex`: who signed them, or else whose SOA
// denies them. Nothing: it does not tell.
std::optional<DnsName> read_parent(std::span<const std::uint8_t> packet, const DnsName& apex);

// The names of the NS records of `zone` in the answer section; those that a DnsName cannot hold are left out.
std::vector<DnsName> read_name_servers(std::span<const std::uint8_t> packet, const DnsName& zone);

// The longest TTL in the answer section; of what is signed as its servers give it (RFC 4034 section 3.1.4), of other
// records what the resolver's cache has left of it.
Seconds read_longest_ttl(std::span<const std::uint8_t> packet);

}  // namespace danectl
