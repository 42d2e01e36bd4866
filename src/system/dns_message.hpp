// Reads DNS messages in wire format (RFC 1035 section 4.1): what libunbound's result does not tell, which is the zone
// that signed an answer and the TTL its servers give it. That TTL is the signature's original TTL (RFC 4034 section
// 3.1.4), which counts down in no cache.
// REQUIRES of all of them: libunbound has validated the message as secure. Here nothing is verified; a message that
// does not hang together is an Error, never a guess.
#pragma once

#include "core/association.hpp"
#include "core/dns_name.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace danectl {

// One name of a CNAME chain.
struct ChainLink {
  DnsName name;
  DnsName zone;                  // apex of the zone that says so: the signer
  std::optional<DnsName> cname;  // an alias to this; nothing: the end of the chain
  Seconds ttl{};  // of the CNAME (or the DNAME it comes from), of the TLSA RRset, or of the negative answer
};

struct TlsaMessage {
  std::vector<ChainLink> links;  // the name asked for first; never empty
  RRset records;                 // at the last link, sorted, each once; empty: NODATA or NXDOMAIN
};

// The answer to a question for the TLSA RRset of `name`.
Result<TlsaMessage> read_tlsa_message(std::span<const std::uint8_t> packet, const DnsName& name);

// Where `name` leads, by the answer to a question for its CNAME; nothing: it is no alias.
std::optional<DnsName> read_alias(std::span<const std::uint8_t> packet, const DnsName& name);

struct NsMessage {
  std::vector<DnsName> servers;  // sorted, each once; never empty
  Seconds ttl{};
};

// The answer to a question for the NS RRset of the zone `apex`, as the zone itself gives it.
Result<NsMessage> read_ns_message(std::span<const std::uint8_t> packet, const DnsName& apex);

}  // namespace danectl
