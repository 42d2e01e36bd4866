// What every verb works with, once the configuration is read.
#pragma once

#include "app/frame/aliases.hpp"
#include "app/frame/output.hpp"
#include "app/frame/paths.hpp"
#include "app/frame/settings.hpp"
#include "app/frame/world.hpp"

#include <memory>

namespace danectl {

struct Workshop {
  World& world;
  const Settings& settings;
  const Output& output;
  // What this call has learnt of all owners; shared by its copies.
  std::shared_ptr<Aliases> aliases = std::make_shared<Aliases>();

  [[nodiscard]] const Config& config() const { return settings.config; }
  [[nodiscard]] Paths paths() const { return Paths(settings.config.state_dir); }
  [[nodiscard]] Files& files() const { return world.files; }
};

// The owners of these lineages, each once.
std::vector<DnsName> owners_of(const std::vector<LineageConfig>& lineages);

// One look at all of them; an Error when none is possible.
Result<std::vector<OwnerLook>> look_at(const Workshop& shop, const std::vector<DnsName>& owners);

// The same, for what goes on without DNS: where no look is possible that is said, and each owner's look says so too.
std::vector<OwnerLook> looks_or_none(const Workshop& shop, const std::vector<DnsName>& owners);

// Looks that say only that DNS was not asked, and why.
std::vector<OwnerLook> no_looks(const std::vector<DnsName>& owners, const std::string& why, const Instant& now);

// Those of one lineage, in the order of its `tlsa`.
std::vector<OwnerLook> looks_of(const LineageConfig& lineage, const std::vector<OwnerLook>& looks);

}  // namespace danectl
