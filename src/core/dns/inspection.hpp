// What `check` asks DNS beyond a look. No promise hangs on any of it.
#pragma once

#include "core/dns/dns_name.hpp"
#include "core/dns/look.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace danectl {

// The host of a TLSA owner (its base domain). A sender uses DANE only when A and AAAA are secure (RFC 7672 section
// 2.2).
struct HostInspection {
  DnsName host;
  Dnssec addresses = Dnssec::unknown;  // of the A and AAAA answers, aliases included: the worse
  std::string why;                     // when not secure
  std::vector<DnsName> aliases;        // host first, when it is an alias: where it leads (RFC 7672 section 2.2.2)
  std::optional<bool> has_address{};   // whether there is an A or AAAA record; nothing: not known
  // Of its own MX RRset, the preferred first (RFC 5321 section 5.1), be it signed or not: where mail to the domain of
  // this name goes. Empty: there is none, or it is not known.
  std::vector<DnsName> exchanges{};
};

// An MX RRset that names such a host, found at the host itself or at a domain above it. When it is not secure DANE is
// never used for its mail (RFC 7672 section 2.2.1).
struct MxInspection {
  DnsName domain;
  DnsName host;
  Dnssec dnssec = Dnssec::unknown;
};

// One address of one server of a zone on an owner's chain, asked for the zone's SOA, plainly.
struct SerialInspection {
  DnsName zone;
  DnsName server;
  std::string address;
  std::optional<std::uint32_t> serial;  // nothing: `why`
  std::string why;
};

// A server that denies a name above an owner although the owner has records: what RFC 8020 takes for "nothing below
// either", and query minimisation (RFC 9156) may never come as far as the owner.
struct DeniedAbove {
  DnsName owner;
  DnsName denied;
  DnsName server;
  std::string address;
};

// A server that cuts its answer with the TLSA records (TC) where 1232 octets may come (RFC 9715): resolvers have to ask
// it again by TCP. The answer is larger, or the server cuts smaller ones, too.
struct TruncatedAnswer {
  DnsName owner;
  DnsName qname;  // of the owner's CNAME chain
  DnsName server;
  std::string address;
};

struct Inspection {
  std::vector<HostInspection> hosts;  // one for each owner's host, each once
  std::vector<MxInspection> mx;
  std::vector<SerialInspection> serials;
  std::vector<DeniedAbove> denied;
  std::vector<TruncatedAnswer> truncated;
};

// Where the owner's host is an alias, secure to its end: the owner below the expanded name. Senders look for records
// there first, and at the owner itself only where there are none (RFC 7672 section 2.2.3). Nothing: it is no such
// alias, or was not inspected.
std::optional<DnsName> expanded_owner(const DnsName& owner, const Inspection& inspection);

}  // namespace danectl
