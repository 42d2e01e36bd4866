// What `check --domain` finds of a mail domain: which of its hosts a sender that checks DANE uses, passes by, or holds
// the mail for. Pure.
#pragma once

#include "core/check/check_live.hpp"
#include "core/mail/mail_domain.hpp"
#include "core/mail/mail_policies.hpp"

#include <string>
#include <vector>

namespace danectl {

// One exchange as that sender finds it.
struct ExchangeView {
  Exchange exchange;
  MailHost host;
  // Where its servers were asked, with what they present: `held` also when none of its addresses proves a record.
  HostWay way = HostWay::unknown;
  std::vector<EndpointView> endpoints;  // of its addresses
};

struct DomainView {
  MailDomain domain;
  DomainWay way = DomainWay::unknown;
  std::vector<ExchangeView> exchanges;  // in the order in which senders try them
  std::vector<std::string> notes;       // what is missing beside DANE, and holds no mail
};

struct DomainCheck {
  const MailDomain& domain;
  const std::vector<MailHost>& hosts;          // those of its exchanges among them
  const std::vector<EndpointView>& endpoints;  // those of its hosts among them
  const MailPolicies& policies;
};

struct DomainReport {
  DomainView view;
  // Of the domain itself; what is wrong with a host is found at its owner and its endpoints.
  std::vector<Finding> findings;
};

DomainReport check_domain(const DomainCheck& check);

}  // namespace danectl
