// What `doctor` says of this host, a sentence for each thing: that it is all right, or what is wrong and what mends it.
// Pure.
#pragma once

#include "core/base/result.hpp"
#include "core/check/finding.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

// In the order of the text. The names are an interface: `doctor --json` has them as ids.
enum class Area {
  trust_anchor,
  resolver,
  zone,
  name_servers,
  probes,
  served,
  server_files,
  publishing,
  reload,
  certbot,
  certbot_hook,
  certbot_settings,
  timer,
  permissions,
  lineages,
  findings,  // what `check` finds besides
};
inline constexpr std::size_t area_count = static_cast<std::size_t>(Area::findings) + 1;
std::string_view to_text(Area area);  // "trust-anchor": the names above, with '-'

struct Item {
  Area area = Area::findings;
  enum class State { ok, trouble, unknown } state = State::ok;
  std::string finding{};   // the id of danectl-check(7), where `check` finds it too
  std::string sentence{};  // without a full stop
  std::string remedy{};    // the command, or what to set where; empty: nothing to do
};
std::string_view to_text(Item::State state);  // "ok", "trouble", "unknown"

// What was seen of one area.
struct AreaLook {
  Area area = Area::findings;
  std::vector<Finding> findings{};
  std::string fine{};            // the sentence where nothing is wrong; empty: nothing of the kind is here
  std::vector<Error> lacking{};  // what is wrong and no finding of `check`
  std::vector<Error> unread{};   // what could not be looked at, and what to do about that
};

// Of findings that say the same of several lineages or owners the first.
std::vector<Item> items_of(const AreaLook& look);

// The area that a finding of `check` belongs to.
Area area_of(FindingId id);

bool any_trouble(const std::vector<Item>& items);

}  // namespace danectl
