// What `check` sees of DNS: the looks at all owners, what is asked beyond them, and a second look, from the root, where
// the configured resolver alone would have it that senders hold mail.
#pragma once

#include "app/store/workshop.hpp"
#include "core/check/finding.hpp"
#include "core/check/used_records.hpp"
#include "ports/mail_resolver.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace danectl {

class DnsView {
 public:
  explicit DnsView(const Workshop& shop);

  // At these owners, and where a host is an alias at the one below its expanded name, too, as senders look there first.
  // `mail`: of mail domains that are judged by themselves, so that none of their hosts' findings repeats it.
  void look(const std::vector<DnsName>& owners, const MailLook& mail);

  [[nodiscard]] const Look& seen() const { return look_; }
  [[nodiscard]] const UsedRecords& used() const { return used_; }
  // The look at the records that senders use for an owner. REQUIRES: it was looked at.
  [[nodiscard]] const OwnerLook& used_look(const DnsName& owner) const;
  [[nodiscard]] const Inspection& inspection() const { return inspection_; }
  [[nodiscard]] const Inspection& inspection_of(const OwnerLook& look) const;

  // What check_dns() or check_host() found of an owner, and what the second look says of that.
  [[nodiscard]] std::vector<Finding> with_second_look(const DnsName& owner, std::vector<Finding> findings) const;
  // How this host has to look names up so that it sees what senders see of this owner's host.
  [[nodiscard]] const Config& config_for(const DnsName& owner) const;

 private:
  static void take_mail(Inspection& inspection, const MailLook& mail);
  Inspection look_at_all(const std::vector<DnsName>& owners, Look& look);
  void look_from_root(Look& look, Inspection& inspection);

  const Workshop& shop_;
  const Config from_root_;
  Look look_;
  Inspection inspection_;
  UsedRecords used_;
  std::set<DnsName> expanded_;  // owners that were looked at since senders ask them first
  Inspection inspection_of_expanded_;
  std::map<DnsName, Finding> differing_;      // owners of which the look from the root counts
  std::map<DnsName, std::string> left_open_;  // what is said of those of which it says nothing better
};

}  // namespace danectl
