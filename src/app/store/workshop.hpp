// What every verb works with, once the configuration is read.
#pragma once

#include "app/frame/output.hpp"
#include "app/frame/paths.hpp"
#include "app/frame/settings.hpp"
#include "app/frame/world.hpp"
#include "app/store/lineages_by_name.hpp"
#include "app/store/owner_book.hpp"

#include <memory>

namespace danectl {

struct Workshop {
  World& world;
  const Settings& settings;
  const Output& output;
  // Of all owners, in this call; shared by its copies.
  std::shared_ptr<OwnerBook> book = std::make_shared<OwnerBook>();
  std::shared_ptr<LineagesByName> by_name = std::make_shared<LineagesByName>();

  [[nodiscard]] const Config& config() const { return settings.config; }
  [[nodiscard]] Paths paths() const { return Paths(settings.config.state_dir); }
  [[nodiscard]] Files& files() const { return world.files; }
};

// The owners of these lineages, each once.
std::vector<DnsName> owners_of(const std::vector<LineageConfig>& lineages);

// One look at all of them, and at the names that their aliases led to until now; an Error when none is possible. The
// book knows it then; nothing is written.
Result<std::vector<OwnerLook>> look_at(const Workshop& shop, const std::vector<DnsName>& owners);

// The same, for what goes on without DNS: where no look is possible that is said, and each owner's look says so too.
std::vector<OwnerLook> looks_or_none(const Workshop& shop, const std::vector<DnsName>& owners);

// Looks that say only that DNS was not asked, and why.
std::vector<OwnerLook> no_looks(const std::vector<DnsName>& owners, const std::string& why, const Instant& now);

// Those of one lineage, in the order of its `tlsa`.
std::vector<OwnerLook> looks_of(const LineageConfig& lineage, const std::vector<OwnerLook>& looks);

}  // namespace danectl
