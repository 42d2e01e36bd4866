// Which lineages are on a name: those with an owner that is the name, or from which an alias leads or led there.
#pragma once

#include "app/store/owner_book.hpp"
#include "core/config/lineage_config.hpp"

#include <map>
#include <optional>
#include <vector>

namespace danectl {

class LineagesByName {
 public:
  // Worked out anew when the book has changed. `lineages` stay in place as long as this object is used.
  const std::vector<const LineageConfig*>& at(const DnsName& name, const std::vector<LineageConfig>& lineages,
                                              const OwnerBook& book, const Instant& now);

 private:
  std::map<DnsName, std::vector<const LineageConfig*>> lineages_;
  std::optional<unsigned> edition_;
};

// The owners of a lineage that are the name, or from which a sender may be led there.
std::vector<DnsName> owners_to(const DnsName& name, const LineageConfig& lineage, const OwnerBook& book,
                               const Instant& now);

}  // namespace danectl
