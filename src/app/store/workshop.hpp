// What every verb works with, once the configuration is read.
#pragma once

#include "app/certbot/certbot_host.hpp"
#include "app/frame/output.hpp"
#include "app/frame/paths.hpp"
#include "app/frame/settings.hpp"
#include "app/frame/world.hpp"
#include "app/store/key_holders.hpp"
#include "app/store/lineages_by_name.hpp"
#include "app/store/owner_book.hpp"
#include "app/store/probe_memo.hpp"

#include <memory>
#include <span>

namespace danectl {

struct Workshop {
  World& world;
  const Settings& settings;
  const Output& output;
  // Of all owners, in this call; shared by its copies.
  std::shared_ptr<OwnerBook> book = std::make_shared<OwnerBook>();
  std::shared_ptr<LineagesByName> by_name = std::make_shared<LineagesByName>();

  std::shared_ptr<CertbotHost> certbot = std::make_shared<CertbotHost>();
  std::shared_ptr<KeyHolders> holders = std::make_shared<KeyHolders>();
  std::shared_ptr<ProbeMemo> probes = std::make_shared<ProbeMemo>();

  [[nodiscard]] const Config& config() const { return settings.config; }
  [[nodiscard]] Paths paths() const { return Paths(settings.config.state_dir); }
  [[nodiscard]] Files& files() const { return world.files; }
};

// The lineage of this host, whatever its owners, that has or had a key; empty: none is known to.
const KeyHolders& key_holders(const Workshop& shop);

// The owners of these lineages, each once.
std::vector<DnsName> owners_of(std::span<const LineageConfig> lineages);

// One look at all of them, at the names that their aliases led to until now, and where a base domain is an alias at
// what senders ask first; an Error when none is possible. The book knows it then; nothing is written.
Result<Look> look_at(const Workshop& shop, const std::vector<DnsName>& owners);

// The same, for what goes on without DNS: where no look is possible that is said, and what is seen of each owner says
// so too.
Look look_or_none(const Workshop& shop, const std::vector<DnsName>& owners);

// The same without a word.
Look look_in_silence(const Workshop& shop, const std::vector<DnsName>& owners);

// A look that says only that DNS could not be asked, and why.
Look no_look(const std::vector<DnsName>& owners, const std::string& why, const Instant& now);

// The look at the owners of one lineage alone, in the order of its `tlsa`.
Look own_look(const LineageConfig& lineage, const Look& look);

}  // namespace danectl
