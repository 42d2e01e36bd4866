#include "app/store/each_lineage.hpp"

#include "app/frame/exit_code.hpp"
#include "app/store/leftovers.hpp"
#include "app/store/store.hpp"

namespace danectl {

int for_each_lineage(const Workshop& shop, const Result<std::vector<LineageConfig>>& lineages, const LineageStep& step,
                     Changes changes, NoLook no_look) {
  if (!lineages) return exit_with(lineages.error(), shop.output);
  return for_each_lineage(shop, std::span(*lineages), step, changes, no_look);
}

int for_each_lineage(const Workshop& shop, std::span<const LineageConfig> lineages, const LineageStep& step,
                     Changes changes, NoLook no_look) {
  if (lineages.empty()) {
    shop.output.warn("no lineage is enrolled", "danectl enroll NAME --tlsa _25._tcp.HOST");
    return exit_done;
  }
  std::unique_ptr<FileLock> held;
  if (changes == Changes::made) {
    auto lock = open_cleared_store(shop, short_wait);
    if (!lock) return exit_with(lock.error(), shop.output);
    held = std::move(lock).value();
  }
  const std::vector<DnsName> owners = owners_of(lineages);
  const Look look = no_look == NoLook::warned_of ? look_or_none(shop, owners) : look_in_silence(shop, owners);
  int code = exit_done;
  for (const LineageConfig& lineage : lineages) {
    if (auto done = step(lineage, look); !done) {
      code = worse(code, exit_with(lineage.name, done.error(), shop.output));
    }
  }
  return code;
}

Result<std::vector<LineageConfig>> choose_named(const Workshop& shop, const std::vector<std::string>& names,
                                                const std::string& option) {
  if (names.empty()) return invalid(option + " wants the NAME of a lineage");
  return choose_lineages(shop.settings, names);
}

}  // namespace danectl
