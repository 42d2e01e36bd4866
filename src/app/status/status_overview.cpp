#include "app/status/status_overview.hpp"

#include "app/frame/wrap.hpp"
#include "app/status/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace danectl {
namespace {

const char* colour_of(Health health) {
  switch (health) {
    case Health::ok:
      return "32";
    case Health::waiting:
      return "36";
    case Health::attention:
      return "33";
    case Health::broken:
      break;
  }
  return "1;31";
}

bool is_guess(Health health) {
  return health == Health::ok || health == Health::waiting;
}

std::string padded(const std::string& text, std::size_t columns) {
  return text + std::string(columns - std::min(columns, columns_of(text)), ' ');
}

// "2 lineages: 1 attention, 1 ok"
std::string counts(const std::vector<OverviewLine>& lines) {
  std::string text;
  for (const Health health : {Health::broken, Health::attention, Health::waiting, Health::ok}) {
    const auto number =
        std::count_if(lines.begin(), lines.end(), [&](const OverviewLine& line) { return line.health == health; });
    if (number > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number, to_text(health));
  }
  return fmt::format("{} lineages: {}; all of one: danectl status NAME\n", lines.size(), text);
}

}  // namespace

std::string state_word(Health health, bool dns_was_asked, const Output& output) {
  if (!dns_was_asked && is_guess(health)) return "not known, DNS was not asked";
  const std::string word(to_text(health));
  return output.colour ? fmt::format("\x1b[{}m{}\x1b[0m", colour_of(health), word) : word;
}

std::string overview_text(std::vector<OverviewLine> lines, WallTime now, const Output& output) {
  std::sort(lines.begin(), lines.end(), [](const OverviewLine& a, const OverviewLine& b) {
    return a.health != b.health ? a.health > b.health : a.name < b.name;
  });
  std::size_t widest = 0;
  for (const OverviewLine& line : lines) widest = std::max(widest, line.name.size());
  constexpr std::size_t widest_state = 9;  // "attention"
  std::string text;
  for (const OverviewLine& line : lines) {
    const std::string state =
        !line.dns_was_asked && is_guess(line.health) ? "?" : state_word(line.health, true, output);
    const std::string when = line.action.when ? fmt::format(" ({})", from_now(*line.action.when, now)) : std::string{};
    text += wrapped(
        fmt::format("{}  {}  {}{}\n", padded(state, widest_state), padded(line.name, widest), line.action.what, when),
        output.columns);
  }
  return text + wrapped(counts(lines), output.columns);
}

}  // namespace danectl
