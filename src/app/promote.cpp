#include "app/promote.hpp"

#include "app/each_lineage.hpp"
#include "app/roll.hpp"

namespace danectl {
namespace {

Result<std::vector<LineageConfig>> checked(const PromoteOptions& options, const Workshop& shop) {
  if (options.hold_down == HoldDown::skipped_by_a_person && options.names.empty()) {
    return usage_error("--no-hold wants the NAME of a lineage");
  }
  return choose_lineages(shop.settings, options.names);
}

}  // namespace

int promote(const PromoteOptions& options, const Workshop& shop) {
  return for_each_lineage(
      shop, checked(options, shop), [&](const LineageConfig& lineage, const std::vector<OwnerLook>& looks) {
        return Roll(shop, lineage, looks_of(lineage, looks), RollMode::promote, options.hold_down).run();
      });
}

}  // namespace danectl
