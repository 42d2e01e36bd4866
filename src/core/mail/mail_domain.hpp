// What a sender finds in DNS on its way from a mail domain to the TLSA records of its hosts (RFC 5321 section 5.1, RFC
// 7672 section 2.2), and what it makes of it. Values and pure functions: the port MailResolver asks.
#pragma once

#include "core/dns/inspection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace danectl {

// What is at one TLSA owner, by the validating resolver.
struct TlsaAnswer {
  DnsName owner;
  Dnssec dnssec = Dnssec::unknown;
  std::string why;  // when not secure
  RRset records;    // when secure or insecure, sorted; empty: there are none
};

// A host that mail goes to.
struct MailHost {
  HostInspection seen;                 // of its name as the MX record has it; `exchanges` is not looked for
  std::vector<std::string> addresses;  // IPv4 first, be they signed or not
  // Its addresses are not secure, and it is an alias: whether the first alias is (RFC 7672 section 2.2.2).
  bool alias_is_secure = false;
  // In the order in which senders ask: below the expanded name, and below the host itself where that has none. Not
  // asked where the addresses are not secure: none.
  std::vector<TlsaAnswer> tlsa;
};

// What a sender that checks DANE does with a host, by DNS alone.
enum class HostWay {
  dane,       // it has usable records: mail goes there where the server proves one of them
  encrypted,  // none of its records is usable: TLS is required, and nobody is authenticated (RFC 7672 section 2.2)
  without,    // not signed, or no records: mail goes there as it would without DANE
  held,       // an answer does not validate: no mail goes there (RFC 7672 section 2.1)
  unknown,    // no answer came: senders that get none either hold the mail
  nowhere,    // the host has no address
};
HostWay way_of(const MailHost& host);
std::string_view to_text(HostWay way);  // "dane", ...

// The answer that decides: of the last owner asked. Nothing: none was asked.
const TlsaAnswer* used_answer(const MailHost& host);

struct Exchange {
  std::uint16_t preference = 0;  // the lowest is asked first
  DnsName host;
  auto operator<=>(const Exchange&) const = default;
};

struct MailDomain {
  DnsName name;
  enum class Kind {
    exchanges,  // of the MX RRset
    implicit,   // there is no MX record: mail goes to the host of this name (RFC 5321 section 5.1)
    null_mx,    // it takes no mail (RFC 7505)
    none,       // there is no such name
    unknown,    // no answer, or a bogus one: `why`
  } kind = Kind::unknown;
  Dnssec dnssec = Dnssec::unknown;              // of the MX answer
  std::string why;                              // when not secure
  std::vector<Exchange> exchanges;              // sorted, each once; one when implicit
  std::size_t exchanges_left_out = 0;           // behind these: they are not asked
  std::vector<std::string> unusable_exchanges;  // names that no host can have, made printable
};

// Leaves out all but the first `most` exchanges: a domain may name thousands.
void keep_first_exchanges(MailDomain& domain, std::size_t most);

std::string_view to_text(MailDomain::Kind kind);  // "exchanges", "null-mx", ...

// By DNS alone, of all that a domain's mail may go to.
enum class DomainWay {
  dane,     // each host is used by DANE
  partly,   // some are: who attacks the others gets the mail without DANE
  without,  // none is: the MX RRset is not signed, or no host has records
  held,     // no host is left that mail may go to
  no_mail,  // it takes none
  unknown,
};
std::string_view to_text(DomainWay way);  // "dane", ...
// `hosts`: the ways of its exchanges. Those that are left out count as unknown.
DomainWay way_of(const MailDomain& domain, const std::vector<HostWay>& hosts);

}  // namespace danectl
