#include "app/verbs/promote.hpp"

#include "app/frame/exit_code.hpp"
#include "app/roll/preview.hpp"
#include "app/roll/waiting.hpp"
#include "app/store/each_lineage.hpp"

namespace danectl {
namespace {

Result<std::vector<LineageConfig>> checked(const PromoteOptions& options, const Workshop& shop) {
  if (options.caches == Caches::left_out_by_a_person) return choose_named(shop, options.names, "--no-hold");
  return choose_lineages(shop.settings, options.names);
}

}  // namespace

int promote(const PromoteOptions& options, const Workshop& shop) {
  auto lineages = checked(options, shop);
  if (options.dry_run) return preview_each(shop, lineages, RollMode::promote, options.caches);
  int waited = exit_done;
  if (options.wait && lineages && !lineages->empty()) {
    waited = wait_until_ready(shop, *lineages, options.caches);
    if (lineages->empty()) return waited;
  }
  const int promoted =
      for_each_lineage(shop, lineages, [&](const LineageConfig& lineage, const std::vector<OwnerLook>& looks) {
        return Roll(shop, lineage, looks_of(lineage, looks), RollMode::promote, {options.caches}).run();
      });
  return worse(waited, promoted);
}

}  // namespace danectl
