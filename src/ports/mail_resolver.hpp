#pragma once

#include "core/mail/mail_domain.hpp"
#include "core/mail/mail_policies.hpp"

#include <vector>

namespace danectl {

struct MailLook {
  std::vector<MailDomain> domains;     // in the order in which they were asked for
  std::vector<MailPolicies> policies;  // of each of these domains; without `sts_policy`
  std::vector<MailHost> hosts;         // of all their exchanges, sorted by name, each once
};

class MailResolver {
 public:
  virtual ~MailResolver() = default;

  // What senders find at these mail domains, by the validating resolver, side by side. Ends within twice [dns] timeout;
  // what could not be asked is `unknown`. An Error only when no look is possible at all, as for Resolver::look().
  virtual Result<MailLook> look(const std::vector<DnsName>& domains) = 0;
};

}  // namespace danectl
