// What a survey has to tell of one line of its list, in whichever format.
#pragma once

#include "core/mail/mail_domain.hpp"
#include "core/survey/knock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

enum class RecordFault {
  unusable,       // there are records, and senders can use none of them
  some_unusable,  // they can use some, and others not
  digests,  // several digests for one usage and selector: senders look at the strongest alone (RFC 7671 section 9)
  // By a probe:
  stale,  // none is of a key or certificate that the server shows
  mixed,  // records of one (usage, selector, mtype) match, and those of another do not (RFC 7671 section 8)
};
std::string_view to_text(RecordFault fault);  // "some-unusable": the names, with '-'

struct SurveyedHost {
  std::uint16_t preference = 0;
  DnsName host;
  HostWay way = HostWay::unknown;
  Dnssec dnssec = Dnssec::unknown;     // of its addresses
  std::string why;                     // when not secure
  std::vector<std::string> addresses;  // IPv4 first
  std::vector<DnsName> aliases;        // itself first, when it is an alias: where it leads
  std::optional<DnsName> owner;        // of the records; nothing: none was asked
  Dnssec owner_dnssec = Dnssec::unknown;
  std::string owner_why;       // when not secure
  RRset records;               // that senders find, sorted
  bool shared = false;         // a domain before it in the list goes there too, as far as is remembered
  std::optional<Knock> knock;  // nothing: probes were not wanted, or there is nothing to verify
};

SurveyedHost surveyed_host(const Exchange& exchange, const MailHost& host);
// In the order of RecordFault.
std::vector<RecordFault> faults_of(const SurveyedHost& host);

struct SurveyLine {
  std::uint64_t number = 0;  // in the list, from 1
  std::string fault;         // why it is no domain; then all else is empty
  MailDomain domain;
  std::vector<SurveyedHost> hosts;  // one for each of domain.exchanges, in their order
};

DomainWay way_of(const SurveyLine& line);

}  // namespace danectl
