#include "app/doctor/certbot_areas.hpp"

#include "app/roll/hooks.hpp"
#include "core/base/lines.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

// It loads its plugins first.
constexpr Seconds certbot_limit{60};

Finding found(FindingId id, std::string message, std::string remedy) {
  return {id, Severity::warning, {}, {}, {}, {}, std::move(message), std::move(remedy)};
}

// "certbot 2.1.0", which old ones print to standard error; empty: it does not start.
std::string version_of(const Workshop& shop) {
  const auto outcome =
      shop.world.processes.run({.argv = {shop.config().certbot, "--version"}, .time_limit = certbot_limit});
  if (!outcome || !outcome->success()) return {};
  std::string_view text = outcome->out.empty() ? outcome->err : outcome->out;
  return text.empty() ? std::string() : std::string(trimmed(take_line(text)));
}

}  // namespace

std::string how_to_reuse_keys(const Workshop& shop) {
  const std::vector<std::string>& files = shop.world.certbot_cli_inis;
  return fmt::format("echo 'reuse-key = true' >> {}", files.empty() ? "/etc/letsencrypt/cli.ini" : files.front());
}

AreaLook look_at_certbot(const Workshop& shop) {
  AreaLook look{.area = Area::certbot};
  if (const auto missing = shop.certbot->not_found(shop.world.processes, shop.config().certbot)) {
    look.findings.push_back(found(FindingId::certbot_not_found, missing->what, missing->hint));
    return look;
  }
  const std::string version = version_of(shop);
  if (version.empty()) {
    look.findings.push_back(found(FindingId::certbot_not_found, shop.config().certbot + " --version fails",
                                  fmt::format("see what `{} --version` says", shop.config().certbot)));
  }
  look.fine = version + " is there";
  return look;
}

AreaLook look_at_certbot_hook(const Workshop& shop, const std::vector<std::string>& names) {
  using DeployHook = AheadCheck::DeployHook;
  AreaLook look{.area = Area::certbot_hook};
  for (const std::string& name : names) {
    const DeployHook hook = find_deploy_hook(shop, name);
    if (hook == DeployHook::there) {
      look.fine = "certbot calls danectl after each renewal";
    } else if (hook == DeployHook::missing) {
      look.findings.push_back(
          found(FindingId::deploy_hook_missing, "certbot calls no deploy hook of danectl", how_to_install_hook(shop)));
      return look;
    }
  }
  return look;
}

AreaLook look_at_certbot_settings(const Workshop& shop) {
  AreaLook look{.area = Area::certbot_settings};
  if (shop.certbot->reuses_keys_by_default(shop.files(), shop.world.certbot_cli_inis)) {
    look.fine = "cli.ini has reuse-key = true, so that no call of certbot drops a key";
    return look;
  }
  look.lacking.push_back(
      failed("cli.ini has no reuse-key = true, so a call such as certonly makes another key", how_to_reuse_keys(shop)));
  return look;
}

}  // namespace danectl
