#include "app/roll/housekeeping.hpp"

#include "app/store/generations.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

Status clear_candidates(Files& files, const Paths& paths, const State& state) {
  const std::string folder = paths.candidates(state.name);
  const auto there = files.info(folder);
  if (!there) return there.error();
  if (!*there) return {};
  const auto names = files.list(folder);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    const bool waits = std::any_of(state.candidates.begin(), state.candidates.end(),
                                   [&](const CandidateKey& candidate) { return candidate.copy == name; });
    if (waits) continue;
    if (auto removed = files.remove_tree(fmt::format("{}/{}", folder, name)); !removed) return removed;
  }
  return {};
}

}  // namespace

void keep_house(const Workshop& shop, const LineageConfig& lineage, const Facts& facts) {
  const auto attempt = [&](const Status& done) {
    if (!done) shop.output.warn(fmt::format("{}: {}", lineage.name, done.error().what), done.error().hint);
  };
  Files& files = shop.files();
  const Paths paths = shop.paths();
  const auto presented = presented_now(facts.state, lineage, shop.world.clock.now());
  attempt(prune_generations(files, paths, lineage.name, presented));
  attempt(clear_candidates(files, paths, facts.state));
  if (facts.next_is_deployed) attempt(remove_next(files, paths, lineage.name));
}

Status remove_next(Files& files, const Paths& paths, const std::string& name) {
  if (auto removed = files.remove_tree(paths.private_config(name)); !removed) return removed;
  return files.remove_tree(paths.next(name));
}

}  // namespace danectl
