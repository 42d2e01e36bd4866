#include "app/roll/preview.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

bool is_action(StepKind kind) {
  return kind != StepKind::wait && kind != StepKind::nothing && kind != StepKind::person;
}

}  // namespace

int preview_each(const Workshop& shop, const Result<std::vector<LineageConfig>>& lineages, RollMode mode,
                 Caches caches) {
  return for_each_lineage(
      shop, lineages,
      [&](const LineageConfig& lineage, const Look& look) -> Status {
        Roll roll(shop, lineage, own_look(lineage, look), mode, {caches});
        const auto step = roll.preview();
        if (!step) return step.error();
        const std::string when = step->when ? " at " + to_rfc3339(*step->when) : std::string{};
        shop.output.out << fmt::format("{}: {} {}{}: {}\n", lineage.name,
                                       is_action(step->kind) ? "would" : "nothing to do now; then", step->what, when,
                                       step->why);
        return {};
      },
      Changes::only_shown);
}

}  // namespace danectl
