// Which records senders use for an owner: where its host is an alias, those below the expanded name, and its own only
// where there are none (RFC 7672 section 2.2.3). Pure.
#pragma once

#include "core/dns/inspection.hpp"

#include <map>
#include <vector>

namespace danectl {

class UsedRecords {
 public:
  UsedRecords() = default;
  // `inspection`: of these looks.
  UsedRecords(const std::vector<OwnerLook>& looks, const Inspection& inspection);

  // The owners that senders ask first, and that are none of these looks, each once.
  [[nodiscard]] std::vector<DnsName> not_looked_at(const std::vector<OwnerLook>& looks) const;
  // What senders ask first: the owner below the expanded name, or the owner itself.
  [[nodiscard]] const DnsName& first(const DnsName& owner) const;
  // The look at the records that they use. Where it is not known whether there are any below the expanded name, senders
  // hold the mail, so it is that look. `look` is one of `looks`, and so is the result.
  [[nodiscard]] const OwnerLook& used(const std::vector<OwnerLook>& looks, const OwnerLook& look) const;

 private:
  std::map<DnsName, DnsName> expanded_;
};

}  // namespace danectl
