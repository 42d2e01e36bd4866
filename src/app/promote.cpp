#include "app/promote.hpp"

#include "app/exit_code.hpp"
#include "app/roll.hpp"
#include "app/store.hpp"

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
  const auto lineages = checked(options, shop);
  if (!lineages) {
    shop.output.trouble(lineages.error());
    return exit_code(lineages.error().kind);
  }
  if (lineages->empty()) shop.output.warn("no lineage is enrolled", "danectl enroll NAME --tlsa _25._tcp.HOST");
  if (lineages->empty()) return exit_done;
  const auto lock = open_store(shop.files(), shop.paths(), short_wait);
  if (!lock) {
    shop.output.trouble(lock.error());
    return exit_code(lock.error().kind);
  }
  const std::vector<OwnerLook> looks = looks_or_none(shop, owners_of(*lineages));
  int code = exit_done;
  for (const LineageConfig& lineage : *lineages) {
    Roll roll(shop, lineage, looks_of(lineage, looks), RollMode::promote, options.hold_down);
    if (auto done = roll.run(); !done) {
      shop.output.trouble(lineage.name, done.error());
      code = worse(code, exit_code(done.error().kind));
    }
  }
  return code;
}

}  // namespace danectl
