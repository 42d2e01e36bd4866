#include "app/store/workshop.hpp"

#include <algorithm>

namespace danectl {

std::vector<DnsName> owners_of(const std::vector<LineageConfig>& lineages) {
  std::vector<DnsName> owners;
  for (const LineageConfig& lineage : lineages) owners.insert(owners.end(), lineage.tlsa.begin(), lineage.tlsa.end());
  std::sort(owners.begin(), owners.end());
  owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
  return owners;
}

namespace {

// Names that caches may still be led to, and that these looks did not pass.
std::vector<DnsName> names_passed_over(const Workshop& shop, const std::vector<OwnerLook>& looks) {
  std::vector<DnsName> names;
  for (const OwnerLook& look : looks) {
    for (const DnsName& name : names_behind(shop.book->ledgers(), look.owner, look.started)) {
      const bool passed = std::any_of(looks.begin(), looks.end(), [&](const OwnerLook& other) {
        return other.owner == name || std::find(other.chain.begin(), other.chain.end(), name) != other.chain.end();
      });
      if (!passed && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

}  // namespace

Result<std::vector<OwnerLook>> look_at(const Workshop& shop, const std::vector<DnsName>& owners) {
  OwnerBook& book = *shop.book;
  if (auto loaded = book.load(shop.files(), shop.paths(), owners); !loaded) return loaded.error();
  const auto resolver = shop.world.resolver(shop.config());
  auto looks = resolver->look(owners);
  if (!looks) return looks;
  if (auto noted = book.note(shop.files(), shop.paths(), *looks); !noted) return noted.error();
  if (const std::vector<DnsName> more = names_passed_over(shop, *looks); !more.empty()) {
    const auto others = resolver->look(more);
    if (!others) return others.error();
    if (auto noted = book.note(shop.files(), shop.paths(), *others); !noted) return noted.error();
  }
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
