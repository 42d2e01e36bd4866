// Mail domains and their hosts as DNS may show them.
#pragma once

#include "core/mail/mail_domain.hpp"

#include <string>
#include <vector>

namespace danectl {

inline Association record_311(char digit) {
  return {{3, 1, 1}, std::string(64, digit)};
}
// PKIX-EE, which no sender of mail uses (RFC 7672 section 3.1.3).
inline Association record_101() {
  return {{1, 0, 1}, std::string(64, 'e')};
}

// Secure, with an address, and with these records.
inline MailHost mail_host(const std::string& name, RRset records) {
  MailHost host;
  host.seen.host = DnsName::parse(name).value();
  host.seen.addresses = Dnssec::secure;
  host.seen.has_address = true;
  host.addresses = {"192.0.2.25"};
  host.tlsa = {{DnsName::parse("_25._tcp." + name).value(), Dnssec::secure, {}, std::move(records)}};
  return host;
}

// Secure, with an MX record for each of these hosts: preference 10, 20, ...
inline MailDomain mail_domain(const std::string& name, const std::vector<std::string>& hosts) {
  MailDomain domain;
  domain.name = DnsName::parse(name).value();
  domain.kind = MailDomain::Kind::exchanges;
  domain.dnssec = Dnssec::secure;
  for (const std::string& host : hosts) {
    const auto preference = static_cast<std::uint16_t>(10 * (domain.exchanges.size() + 1));
    domain.exchanges.push_back({preference, DnsName::parse(host).value()});
  }
  return domain;
}

}  // namespace danectl
