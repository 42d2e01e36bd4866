#include "app/verbs/deploy_hook.hpp"

#include "app/certbot/certbot_lineage.hpp"
#include "app/frame/exit_code.hpp"
#include "app/roll/roll.hpp"
#include "app/store/store.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

// certbot is kept waiting for as long; what is missed then, the next `run` or `promote` adopts.
constexpr Milliseconds hook_wait{60'000};

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

// A live folder may have been moved, so its name says nothing: the conf does.
bool is_of(const Workshop& shop, const LineageConfig& lineage, const std::string& renewed) {
  Files& files = shop.files();
  const auto conf = read_conf_of(files, shop.config().certbot_dir, lineage.name);
  if (!conf) return false;
  const std::string folder = folder_of(conf->cert);
  if (folder == renewed) return true;
  const auto theirs = files.real_path(folder);
  const auto ours = files.real_path(renewed);
  return theirs && ours && *theirs == *ours;
}

int take_over(const Workshop& shop, const LineageConfig& lineage) {
  const auto lock = open_store(shop.files(), shop.paths(), hook_wait);
  if (!lock) {
    shop.output.trouble(lineage.name, lock.error());
    return lock.error().kind == ErrorKind::not_yet ? exit_done : exit_code(lock.error().kind);
  }
  Roll roll(shop, lineage, {}, RollMode::deploy_hook);
  const auto done = roll.run();
  const auto noted = roll.note_hook_error(done ? std::string{} : done.error().what);
  if (done && !noted) {
    shop.output.trouble(lineage.name, noted.error());
    return exit_code(noted.error().kind);
  }
  if (done) return exit_done;
  shop.output.trouble(lineage.name, done.error());
  return exit_code(done.error().kind);
}

}  // namespace

int deploy_hook(const DeployHookEnvironment& environment, const Workshop& shop) {
  if (environment.started_by_danectl) return exit_done;
  if (!environment.renewed_lineage || environment.renewed_lineage->empty()) {
    shop.output.trouble(
        usage_error("RENEWED_LINEAGE is not set", "deploy-hook is for certbot to start, as a deploy hook"));
    return exit_usage;
  }
  std::string renewed = *environment.renewed_lineage;
  while (renewed.size() > 1 && renewed.back() == '/') renewed.pop_back();
  for (const LineageConfig& lineage : shop.settings.lineages) {
    if (is_of(shop, lineage, renewed)) return take_over(shop, lineage);
  }
  return exit_done;
}

}  // namespace danectl
