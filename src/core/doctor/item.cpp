#include "core/doctor/item.hpp"

#include <algorithm>
#include <array>

namespace danectl {
namespace {

constexpr std::array<std::string_view, area_count> names{
    "trust-anchor", "resolver",    "zone",     "name-servers", "probes",       "served",
    "server-files", "publishing",  "reload",   "certbot",      "certbot-hook", "certbot-settings",
    "timer",        "permissions", "lineages", "findings"};
static_assert(!names.back().empty());

// Where it is, unless the sentence names it.
std::string sentence_of(const Finding& finding) {
  const std::string& place = !finding.endpoint.empty() ? finding.endpoint
                             : !finding.owner.empty()  ? finding.owner
                                                       : finding.lineage;
  if (place.empty() || finding.message.find(place) != std::string::npos) return finding.message;
  return place + ": " + finding.message;
}

}  // namespace

std::string_view to_text(Area area) {
  return names[static_cast<std::size_t>(area)];
}

std::string_view to_text(Item::State state) {
  if (state == Item::State::ok) return "ok";
  return state == Item::State::trouble ? "trouble" : "unknown";
}

std::vector<Item> items_of(const AreaLook& look) {
  std::vector<Item> items;
  for (const Finding& finding : look.findings) {
    const bool said = std::any_of(items.begin(), items.end(), [&](const Item& item) {
      return item.finding == to_text(finding.id) && item.remedy == finding.remedy;
    });
    if (said) continue;
    const auto state = finding.severity == Severity::unknown ? Item::State::unknown : Item::State::trouble;
    items.push_back({look.area, state, std::string(to_text(finding.id)), sentence_of(finding), finding.remedy});
  }
  for (const Error& lacking : look.lacking) {
    items.push_back({look.area, Item::State::trouble, {}, lacking.what, lacking.hint});
  }
  for (const Error& unread : look.unread) {
    items.push_back({look.area, Item::State::unknown, {}, unread.what, unread.hint});
  }
  if (items.empty() && !look.fine.empty()) items.push_back({look.area, Item::State::ok, {}, look.fine, {}});
  return items;
}

Area area_of(FindingId id) {
  switch (id) {
    case FindingId::resolver_unusable:
    case FindingId::resolver_differs:
    case FindingId::clock_off:
      return Area::resolver;
    case FindingId::not_signed:
    case FindingId::bogus:
    case FindingId::lookup_failed:
    case FindingId::lookup_timeout:
    case FindingId::nxdomain_above:
    case FindingId::delegation_differs:
    case FindingId::host_not_secure:
    case FindingId::mx_not_secure:
    case FindingId::host_is_alias:
    case FindingId::long_alias_chain:
      return Area::zone;
    case FindingId::server_without_tlsa:
    case FindingId::server_silent:
    case FindingId::server_invalid:
    case FindingId::servers_disagree:
    case FindingId::serials_differ:
    case FindingId::answer_without_tcp:
      return Area::name_servers;
    case FindingId::owner_not_probed:
    case FindingId::host_without_address:
    case FindingId::endpoint_not_asked:
    case FindingId::connect_failed:
    case FindingId::greeting_failed:
    case FindingId::refused_for_now:
    case FindingId::starttls_missing:
    case FindingId::handshake_failed:
      return Area::probes;
    case FindingId::tlsa_mismatch:
    case FindingId::other_key_served:
    case FindingId::older_certificate_served:
      return Area::served;
    case FindingId::other_folder_loaded:
      return Area::server_files;
    case FindingId::publishing_impossible:
    case FindingId::publish_failed:
      return Area::publishing;
    case FindingId::reload_program_missing:
    case FindingId::reload_pending:
      return Area::reload;
    case FindingId::certbot_not_found:
      return Area::certbot;
    case FindingId::deploy_hook_missing:
    case FindingId::hook_failed:
      return Area::certbot_hook;
    case FindingId::reuse_key_lost:
    case FindingId::certbot_settings:
      return Area::certbot_settings;
    case FindingId::state_old:
      return Area::timer;
    case FindingId::others_may_write:
    case FindingId::secret_readable:
      return Area::permissions;
    default:
      return Area::findings;
  }
}

bool any_trouble(const std::vector<Item>& items) {
  return std::any_of(items.begin(), items.end(), [](const Item& item) { return item.state == Item::State::trouble; });
}

}  // namespace danectl
