// Reads DNS messages in wire format (RFC 1035 section 4.1): what libunbound's result does not tell, which is the zone
// that signed an answer and the TTL its servers give it. That TTL is the signature's original TTL (RFC 4034 section
// 3.1.4), which counts down in no cache.
// REQUIRES of all of them but read_aliases, read_mx, read_text and read_plain_answer: libunbound has validated the
// message as secure; or, of an absence, as insecure where every zone on the way is secure, so that only the absence is
// unproven. Here nothing is verified; a message that does not hang together is an Error, never a guess.
#pragma once

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/dns/association.hpp"
#include "core/dns/dns_name.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

// One name of a CNAME chain.
struct ChainLink {
  DnsName name;
  DnsName zone;                  // apex of the zone that says so: the signer
  std::optional<DnsName> cname;  // an alias to this; nothing: the end of the chain
  Seconds ttl{};  // of the CNAME (or the DNAME it comes from), of the TLSA RRset, or of the negative answer
  // Of the TLSA RRset. The 32 bits on the wire count from 1970 (RFC 4034 section 3.1.5), and are read so until 2106.
  std::optional<WallTime> signature_begins;
  std::optional<WallTime> signature_ends;
  // The TLSA RRset came from a wildcard (RFC 4592): nothing stands at the name itself. An alias does not tell.
  bool from_wildcard = false;
};

struct TlsaMessage {
  std::vector<ChainLink> links;  // the name asked for first; never empty
  RRset records;                 // at the last link, sorted, each once; empty: NODATA or NXDOMAIN
};

// The answer to a question for the TLSA RRset of `name`.
Result<TlsaMessage> read_tlsa_message(std::span<const std::uint8_t> packet, const DnsName& name);

// Where `name` leads, by the answer to a question for its CNAME; nothing: it is no alias.
std::optional<DnsName> read_alias(std::span<const std::uint8_t> packet, const DnsName& name);

// The aliases from `name` on, itself first, with what the last one leads to; empty: it is no alias.
std::vector<DnsName> read_aliases(std::span<const std::uint8_t> packet, const DnsName& name);

struct MxRecord {
  std::uint16_t preference = 0;
  std::string text;                 // its exchange, as it is written in a zone file
  std::optional<DnsName> exchange;  // nothing: no host can have that name
};

// The RDATA of an MX record (RFC 1035 section 3.3.9) without compression, as libunbound hands it out; nothing: it is
// none.
std::optional<MxRecord> read_mx(std::string_view rdata);

// The RDATA of a TXT record: its strings, put together (RFC 8460 section 3); nothing: they do not fit into it.
std::optional<std::string> read_text(std::string_view rdata);

struct NsMessage {
  std::vector<DnsName> servers;  // sorted, each once; never empty
  Seconds ttl{};
};

// The answer to a question for the NS RRset of the zone `apex`, as the zone itself gives it.
Result<NsMessage> read_ns_message(std::span<const std::uint8_t> packet, const DnsName& apex);

// When the SOA of the zone `apex` was signed, by the answer to a question for it. Of several signatures the first
// counts, since libunbound demands one good one and leaves the others in. Nothing: the answer does not tell.
std::optional<WallTime> read_soa_signed(std::span<const std::uint8_t> packet, const DnsName& apex);

// Whether an RRset of addresses or a CNAME that the answer has at this name came of a wildcard (RFC 4035
// section 5.3.4).
bool host_is_from_wildcard(std::span<const std::uint8_t> packet, const DnsName& host);

struct PlainQuery {
  std::uint16_t id = 0;
  DnsName name;
  int type = 0;
};

// What comes from a server without validation.
struct PlainAnswer {
  int rcode = 0;
  bool authoritative = false;
  bool truncated = false;
  std::size_t records = 0;              // in its answer section, as the header counts them
  std::optional<std::uint32_t> serial;  // of a SOA record there at the name asked for
  std::vector<std::uint8_t> packet;     // the whole message, when NS records were asked for
};

// Nothing: it is no answer to this query. An error need not repeat the question (RFC 1035 section 4.1.1 lets a server
// that cannot read it say so).
std::optional<PlainAnswer> read_plain_answer(std::span<const std::uint8_t> packet, const PlainQuery& query);

}  // namespace danectl
