#include "app/host/timer.hpp"

#include "core/base/lines.hpp"

#include <fmt/format.h>

namespace danectl {

namespace {

// What systemd knows of the timer, "NAME=VALUE" a line; empty where systemd does not run.
std::string unit_shown(const Workshop& shop) {
  // As sd_booted(3).
  const auto systemd = shop.files().info_followed("/run/systemd/system");
  if (!systemd || !*systemd || !shop.world.processes.find("systemctl")) return {};
  auto shown =
      shop.world.processes.run({.argv = {"systemctl", "show", "--property", "LoadState,ActiveState", "danectl.timer"},
                                .time_limit = Seconds{10}});
  return shown && shown->success() ? std::move(shown->out) : std::string();
}

}  // namespace

std::optional<LastRun> last_run(const Workshop& shop) {
  const auto text = shop.files().read(shop.paths().last_run());
  if (!text || text->empty()) return std::nullopt;
  std::string_view rest = *text;
  const auto time = parse_rfc3339(take_line(rest));
  if (!time) return std::nullopt;
  LastRun run{*time};
  if (!rest.empty()) run.dns_silence = take_line(rest);
  return run;
}

Status note_run(const Workshop& shop, const LastRun& run) {
  const std::string silence = run.dns_silence ? *run.dns_silence + "\n" : std::string();
  return shop.files().write(shop.paths().last_run(), to_rfc3339(run.ended) + "\n" + silence, {.mode = 0644});
}

bool timer_is_on(const Workshop& shop) {
  return unit_shown(shop).find("ActiveState=active") != std::string::npos;
}

std::string how_to_start_timer(const Workshop& shop) {
  const std::string unit = unit_shown(shop);
  if (unit.empty()) {
    return fmt::format("install -m 0644 {}/cron/danectl /etc/cron.d/danectl", shop.world.hooks_folder);
  }
  if (timer_is_on(shop)) return "systemctl start danectl.service; journalctl -u danectl.service";
  const bool loaded = unit.find("LoadState=loaded") != std::string::npos;
  return loaded ? "systemctl enable --now danectl.timer"
                : "systemctl daemon-reload && systemctl enable --now danectl.timer";
}

}  // namespace danectl
