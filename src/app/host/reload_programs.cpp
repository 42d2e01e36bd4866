#include "app/host/reload_programs.hpp"

#include "app/store/children.hpp"

#include <fmt/format.h>

namespace danectl {

AreaLook look_at_reloads(const Workshop& shop, const std::vector<LineageConfig>& lineages) {
  AreaLook look{.area = Area::reload};
  std::size_t commands = 0;
  for (const LineageConfig& lineage : lineages) {
    for (const std::vector<std::string>& argv : lineage.reload) {
      ++commands;
      const auto program = shop.world.processes.find(argv.front());
      if (program) continue;
      look.findings.push_back(
          {FindingId::reload_program_missing,
           Severity::warning,
           lineage.name,
           {},
           {},
           {},
           fmt::format("the reload command \"{}\" cannot be started: {}", joined(argv), program.error().what),
           fmt::format("name a program that is there in `reload` of {}", shop.settings.lineage_path(lineage.name))});
    }
  }
  if (commands > 0) look.fine = "the programs of the reload commands are there";
  return look;
}

}  // namespace danectl
