#include "app/roll/hooks.hpp"

#include "app/certbot/certbot_lineage.hpp"
#include "app/store/children.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

// Long enough for a mail server with many queues, short enough that a hung one is noticed by the next `run`.
constexpr Seconds hook_limit{300};

// As certbot's list_hooks: executable regular files, links followed, editor backups left out, in byte order.
Result<std::vector<std::string>> directory_hooks(Files& files, const std::string& folder) {
  std::vector<std::string> hooks;
  const auto there = files.info_followed(folder);
  if (!there) return there.error();
  if (!*there) return hooks;
  const auto names = files.list(folder);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (name.ends_with('~')) continue;
    const auto info = files.info_followed(folder + "/" + name);
    if (!info) return info.error();
    if (*info && (*info)->kind == FileInfo::Kind::regular && ((*info)->mode & 0111) != 0) {
      hooks.push_back(folder + "/" + name);
    }
  }
  return hooks;
}

// In a line that is no comment.
bool calls_danectl(std::string_view script) {
  while (!script.empty()) {
    const std::size_t end = std::min(script.find('\n'), script.size());
    const std::string_view line = script.substr(0, end);
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin != line.npos && line[begin] != '#' && line.find("danectl") != line.npos) return true;
    script.remove_prefix(std::min(end + 1, script.size()));
  }
  return false;
}

}  // namespace

AheadCheck::DeployHook find_deploy_hook(const Workshop& shop, const std::string& lineage) {
  using DeployHook = AheadCheck::DeployHook;
  const std::string& certbot_dir = shop.config().certbot_dir;
  const auto conf = read_conf_of(shop.files(), certbot_dir, lineage);
  const auto hooks = directory_hooks(shop.files(), certbot_dir + "/renewal-hooks/deploy");
  if (!conf || !hooks) return DeployHook::unknown;
  if (calls_danectl(conf->renew_hook)) return DeployHook::there;
  for (const std::string& hook : *hooks) {
    const auto text = shop.files().read(hook);
    if (!text) return DeployHook::unknown;
    if (calls_danectl(*text)) return DeployHook::there;
  }
  return DeployHook::missing;
}

std::string how_to_install_hook(const Workshop& shop) {
  return fmt::format("install -D -m 0755 {}/certbot/danectl {}/renewal-hooks/deploy/00-danectl",
                     shop.world.hooks_folder, shop.config().certbot_dir);
}

Status run_certbot_hooks(const Workshop& shop, const std::string& lineage) {
  const std::string& certbot_dir = shop.config().certbot_dir;
  const auto theirs = read_certbot_lineage(shop.files(), certbot_dir, lineage);
  if (!theirs) return theirs.error();
  auto hooks = directory_hooks(shop.files(), certbot_dir + "/renewal-hooks/deploy");
  if (!hooks) return hooks.error();
  const std::string& recorded = theirs->conf.renew_hook;
  if (!recorded.empty() && std::find(hooks->begin(), hooks->end(), recorded) == hooks->end()) {
    hooks->push_back(recorded);
  }
  const std::map<std::string, std::string> environment{{"DANECTL_ACTIVE", "1"},
                                                       {"RENEWED_LINEAGE", theirs->live_folder},
                                                       {"RENEWED_DOMAINS", joined(theirs->chain.leaf().names)}};
  std::string failures;
  for (const std::string& hook : *hooks) {
    const Command command{.argv = {"/bin/sh", "-c", hook}, .environment = environment, .time_limit = hook_limit};
    if (auto done = run_child(shop, command, hook); !done) {
      failures += (failures.empty() ? "" : "\n  ") + done.error().what;
    }
  }
  if (failures.empty()) return {};
  return failed("certbot's deploy hook " + failures,
                "danectl keeps it pending; the next `danectl run` or `promote` tries it again");
}

Status run_reloads(const Workshop& shop, const LineageConfig& lineage) {
  const std::map<std::string, std::string> environment{{"DANECTL_LINEAGE", lineage.name},
                                                       {"DANECTL_LIVE", shop.paths().live(lineage.name)}};
  for (const std::vector<std::string>& argv : lineage.reload) {
    const Command command{.argv = argv, .environment = environment, .time_limit = hook_limit};
    if (auto done = run_child(shop, command, joined(argv)); !done) {
      return failed("reload command " + done.error().what,
                    "the servers may still serve the key before; the reload stays pending, the next `danectl run` or "
                    "`promote` tries it again");
    }
  }
  return {};
}

}  // namespace danectl
