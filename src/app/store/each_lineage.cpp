#include "app/store/each_lineage.hpp"

#include "app/frame/exit_code.hpp"
#include "app/store/store.hpp"

namespace danectl {

int for_each_lineage(const Workshop& shop, const Result<std::vector<LineageConfig>>& lineages, const LineageStep& step,
                     Changes changes) {
  if (!lineages) {
    shop.output.trouble(lineages.error());
    return exit_code(lineages.error().kind);
  }
  if (lineages->empty()) {
    shop.output.warn("no lineage is enrolled", "danectl enroll NAME --tlsa _25._tcp.HOST");
    return exit_done;
  }
  std::unique_ptr<FileLock> held;
  if (changes == Changes::made) {
    auto lock = open_store(shop.files(), shop.paths(), short_wait);
    if (!lock) {
      shop.output.trouble(lock.error());
      return exit_code(lock.error().kind);
    }
    held = std::move(lock).value();
  }
  const std::vector<OwnerLook> looks = looks_or_none(shop, owners_of(*lineages));
  int code = exit_done;
  for (const LineageConfig& lineage : *lineages) {
    if (auto done = step(lineage, looks); !done) {
      shop.output.trouble(lineage.name, done.error());
      code = worse(code, exit_code(done.error().kind));
    }
  }
  return code;
}

Result<std::vector<LineageConfig>> choose_named(const Workshop& shop, const std::vector<std::string>& names,
                                                const std::string& option) {
  if (names.empty()) return usage_error(option + " wants the NAME of a lineage");
  return choose_lineages(shop.settings, names);
}

}  // namespace danectl
