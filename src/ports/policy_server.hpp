#pragma once

#include "core/base/result.hpp"
#include "core/dns/dns_name.hpp"

#include <string>

namespace danectl {

class PolicyServer {
 public:
  virtual ~PolicyServer() = default;

  // The text of the MTA-STS policy of this mail domain, https://mta-sts.DOMAIN/.well-known/mta-sts.txt (RFC 8461
  // section 3.3): the certificate has to be good for that name by the CAs of this host, a redirect is not followed, and
  // the text has at most 64 KiB. Ends within [dns] probe_timeout, after at most [dns] timeout for the look-up. An Error
  // says what went wrong.
  virtual Result<std::string> policy_of(const DnsName& domain) = 0;
};

}  // namespace danectl
