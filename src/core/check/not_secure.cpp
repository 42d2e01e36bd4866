#include "core/check/not_secure.hpp"

#include <fmt/format.h>

namespace danectl {

Severity severity_of(Dnssec dnssec) {
  switch (dnssec) {
    case Dnssec::secure:
      return Severity::ok;
    case Dnssec::insecure:
      return without_dane;
    case Dnssec::bogus:
      return no_valid_answer;
    case Dnssec::unknown:
      break;
  }
  return Severity::unknown;
}

std::string_view what_it_means(Dnssec dnssec) {
  if (dnssec == Dnssec::insecure) return "are not signed: DANE is not used";
  if (dnssec == Dnssec::bogus) return "do not validate: senders that check DANE hold the mail";
  return "could not be looked up";
}

std::string what_mends(Dnssec dnssec, const DnsName& name, std::string_view type) {
  if (dnssec == Dnssec::insecure) return fmt::format("sign the zone of {}, and publish its DS record", name.text());
  if (dnssec == Dnssec::bogus) return "mend the zone's signatures, or its DS record in the parent";
  return fmt::format("see what delv {} {} says", name.text(), type);
}

Finding host_not_secure(const HostInspection& host) {
  if (host.addresses == Dnssec::insecure && host.has_address == false) {
    // Below an NSEC3 opt-out (RFC 5155 section 6) a signed zone does not prove that.
    return {.id = FindingId::host_not_secure,
            .severity = severity_of(host.addresses),
            .message = fmt::format("{} has neither an A nor an AAAA record, and no mail reaches it", host.host.text()),
            .remedy = "give the host its address"};
  }
  if (host.addresses == Dnssec::insecure && !host.aliases.empty()) {
    return {.id = FindingId::host_not_secure,
            .severity = severity_of(host.addresses),
            .message = fmt::format("{}: senders look for TLSA records below {} alone, and only where its own alias is "
                                   "signed (RFC 7672 section 2.2.2)",
                                   host.why, host.host.text()),
            .remedy =
                fmt::format("sign each zone on the way to {}, and publish its DS record", host.aliases.back().text())};
  }
  return {.id = FindingId::host_not_secure,
          .severity = severity_of(host.addresses),
          .message = fmt::format("the addresses of {} {}{}{}", host.host.text(), what_it_means(host.addresses),
                                 host.why.empty() ? "" : ": ", host.why),
          .remedy = what_mends(host.addresses, host.host, "A")};
}

}  // namespace danectl
