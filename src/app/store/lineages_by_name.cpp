#include "app/store/lineages_by_name.hpp"

#include <algorithm>
#include <set>

namespace danectl {
namespace {

std::set<DnsName> names_from(const DnsName& owner, const OwnerBook& book, const Instant& now) {
  const std::vector<DnsName> behind = names_behind(book.ledgers(), owner, now);
  std::set<DnsName> names(behind.begin(), behind.end());
  names.insert(book.canonical(owner));
  return names;
}

}  // namespace

const std::vector<const LineageConfig*>& LineagesByName::at(const DnsName& name,
                                                            const std::vector<LineageConfig>& lineages,
                                                            const OwnerBook& book, const Instant& now) {
  if (edition_ != book.edition()) {
    lineages_.clear();
    for (const LineageConfig& lineage : lineages) {
      std::set<DnsName> names;
      for (const DnsName& owner : lineage.tlsa) names.merge(names_from(owner, book, now));
      for (const DnsName& one : names) lineages_[one].push_back(&lineage);
    }
    edition_ = book.edition();
  }
  return lineages_[name];
}

std::vector<DnsName> owners_to(const DnsName& name, const LineageConfig& lineage, const OwnerBook& book,
                               const Instant& now) {
  std::vector<DnsName> owners;
  for (const DnsName& owner : lineage.tlsa) {
    if (names_from(owner, book, now).contains(name)) owners.push_back(owner);
  }
  return owners;
}

}  // namespace danectl
