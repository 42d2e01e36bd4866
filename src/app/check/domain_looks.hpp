// What `check --domain` sees of mail domains beyond what it sees of their hosts' owners and servers.
#pragma once

#include "app/store/workshop.hpp"
#include "core/check/check_domain.hpp"
#include "ports/mail_resolver.hpp"

#include <vector>

namespace danectl {

class DomainLooks {
 public:
  explicit DomainLooks(const Workshop& shop) : shop_(shop) {}

  // Where the configured resolver gives no valid answer, the look from the root counts if that gives one. The findings
  // say so, or why no look was possible.
  std::vector<Finding> look(const std::vector<DnsName>& domains);

  [[nodiscard]] const MailLook& seen() const { return look_; }
  // Port 25 of each host that has an address.
  [[nodiscard]] std::vector<ProbeUrl> servers() const;
  // One for each domain. `endpoints`: what was seen of these servers.
  [[nodiscard]] std::vector<DomainReport> reports(const std::vector<EndpointView>& endpoints) const;

 private:
  [[nodiscard]] std::vector<Finding> look_from_root();
  void ask_for_policies();

  const Workshop& shop_;
  MailLook look_;
};

}  // namespace danectl
