// Scripts for nsupdate(1) that change RRsets record by record (RFC 2136).
#pragma once

#include "core/base/time.hpp"
#include "core/dns/association.hpp"
#include "core/dns/dns_name.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

struct RRsetAddress {
  std::string server;  // as in PublishConfig; empty: nsupdate asks the zone's SOA record
  std::optional<DnsName> zone;
  DnsName owner;
  RecordForm form = RecordForm::tlsa;
};

// One message that adds or deletes these records, if the RRset that stands at the owner is exactly as it was `seen`
// (RFC 2136 section 2.4.2), or none stands there. The TTL of an added record becomes that of the whole RRset.
std::string add_script(const RRsetAddress& address, Seconds ttl, const RRset& seen, const RRset& records);
std::string remove_script(const RRsetAddress& address, const RRset& seen, const RRset& records);

// One message that changes nothing: it deletes a record that no key has (RFC 2136 section 3.4.2.4), which only who may
// change the records there may send.
std::string rehearsal_script(const RRsetAddress& address);

}  // namespace danectl
