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

// Names that caches may still be led to, and that this look did not pass.
std::vector<DnsName> names_passed_over(const Workshop& shop, const Look& look) {
  std::vector<DnsName> names;
  for (const OwnerLook& one : look.owners) {
    for (const DnsName& name : names_behind(shop.book->ledgers(), one.owner, look.started)) {
      const bool passed = std::any_of(look.owners.begin(), look.owners.end(), [&](const OwnerLook& other) {
        return other.owner == name || std::find(other.chain.begin(), other.chain.end(), name) != other.chain.end();
      });
      if (!passed && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

}  // namespace

const KeyHolders& key_holders(const Workshop& shop) {
  shop.holders->load(shop.files(), shop.paths(), shop.settings.lineages);
  return *shop.holders;
}

Result<Look> look_at(const Workshop& shop, const std::vector<DnsName>& owners) {
  OwnerBook& book = *shop.book;
  if (auto loaded = book.load(shop.files(), shop.paths(), owners); !loaded) return loaded.error();
  const auto resolver = shop.world.resolver(shop.config());
  auto look = resolver->look(owners);
  if (!look) return look;
  if (auto noted = book.note(shop.files(), shop.paths(), *look); !noted) return noted.error();
  if (const std::vector<DnsName> more = names_passed_over(shop, *look); !more.empty()) {
    const auto others = resolver->look(more);
    if (!others) return others;
    if (auto noted = book.note(shop.files(), shop.paths(), *others); !noted) return noted.error();
  }
  return look;
}

Look look_or_none(const Workshop& shop, const std::vector<DnsName>& owners) {
  auto look = look_at(shop, owners);
  if (look) return std::move(look).value();
  shop.output.warn(look.error().what, look.error().hint);
  return no_look(owners, look.error().what, shop.world.clock.now());
}

Look look_in_silence(const Workshop& shop, const std::vector<DnsName>& owners) {
  auto look = look_at(shop, owners);
  return look ? std::move(look).value() : no_look(owners, look.error().what, shop.world.clock.now());
}

Look no_look(const std::vector<DnsName>& owners, const std::string& why, const Instant& now) {
  Look look{now, now, {}};
  for (const DnsName& owner : owners) {
    OwnerLook one;
    one.owner = owner;
    one.why = why;
    one.unanswered = OwnerLook::Unanswered::resolver;
    look.owners.push_back(std::move(one));
  }
  return look;
}

Look own_look(const LineageConfig& lineage, const Look& look) {
  Look own{look.started, look.ended, {}};
  for (const DnsName& owner : lineage.tlsa) {
    if (const OwnerLook* const one = look_of(look.owners, owner); one != nullptr) own.owners.push_back(*one);
  }
  return own;
}

}  // namespace danectl
