#include "app/frame/workshop.hpp"

#include <algorithm>

namespace danectl {

std::vector<DnsName> owners_of(const std::vector<LineageConfig>& lineages) {
  std::vector<DnsName> owners;
  for (const LineageConfig& lineage : lineages) owners.insert(owners.end(), lineage.tlsa.begin(), lineage.tlsa.end());
  std::sort(owners.begin(), owners.end());
  owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
  return owners;
}

Result<std::vector<OwnerLook>> look_at(const Workshop& shop, const std::vector<DnsName>& owners) {
  auto looks = shop.world.resolver(shop.config())->look(owners);
  if (looks) shop.aliases->note(*looks);
  return looks;
}

std::vector<OwnerLook> looks_or_none(const Workshop& shop, const std::vector<DnsName>& owners) {
  auto looks = look_at(shop, owners);
  if (looks) return std::move(looks).value();
  shop.output.warn(looks.error().what, looks.error().hint);
  return no_looks(owners, looks.error().what, shop.world.clock.now());
}

std::vector<OwnerLook> no_looks(const std::vector<DnsName>& owners, const std::string& why, const Instant& now) {
  std::vector<OwnerLook> looks;
  for (const DnsName& owner : owners) {
    OwnerLook look;
    look.owner = owner;
    look.why = why;
    look.unanswered = OwnerLook::Unanswered::resolver;
    look.started = now;
    look.ended = now;
    looks.push_back(std::move(look));
  }
  return looks;
}

std::vector<OwnerLook> looks_of(const LineageConfig& lineage, const std::vector<OwnerLook>& looks) {
  std::vector<OwnerLook> own;
  for (const DnsName& owner : lineage.tlsa) {
    const auto found =
        std::find_if(looks.begin(), looks.end(), [&](const OwnerLook& look) { return look.owner == owner; });
    if (found != looks.end()) own.push_back(*found);
  }
  return own;
}

}  // namespace danectl
