#include "app/host/timer.hpp"

#include <fmt/format.h>

namespace danectl {

std::optional<WallTime> last_run(const Workshop& shop) {
  const auto text = shop.files().read(shop.paths().last_run());
  if (!text) return std::nullopt;
  const auto time = parse_rfc3339(std::string_view(*text).substr(0, text->find('\n')));
  return time ? std::optional<WallTime>(*time) : std::nullopt;
}

std::string how_to_start_timer(const Workshop& shop) {
  const std::string by_cron =
      fmt::format("install -m 0644 {}/cron/danectl /etc/cron.d/danectl", shop.world.hooks_folder);
  // As sd_booted(3).
  const auto systemd = shop.files().info_followed("/run/systemd/system");
  if (!systemd || !*systemd) return by_cron;
  const auto shown =
      shop.world.processes.run({.argv = {"systemctl", "show", "--property", "LoadState,ActiveState", "danectl.timer"},
                                .time_limit = Seconds{10}});
  if (!shown || !shown->success()) return by_cron;
  if (shown->out.find("LoadState=loaded") == std::string::npos) {
    return "systemctl daemon-reload && systemctl enable --now danectl.timer";
  }
  const bool active = shown->out.find("ActiveState=active") != std::string::npos;
  return active ? "systemctl start danectl.service; journalctl -u danectl.service"
                : "systemctl enable --now danectl.timer";
}

}  // namespace danectl
