#include "app/store/workshop.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace danectl {

std::vector<DnsName> owners_of(std::span<const LineageConfig> lineages) {
  std::vector<DnsName> owners;
  for (const LineageConfig& lineage : lineages) owners.insert(owners.end(), lineage.tlsa.begin(), lineage.tlsa.end());
  std::sort(owners.begin(), owners.end());
  owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
  return owners;
}

namespace {

// The aliases of a base domain, what stands below their end, and aliases there. A server may make up a new alias for
// each question, so there is an end.
constexpr int most_rounds = 3;

void add_names(std::set<DnsName>& names, const std::vector<DnsName>& more) {
  names.insert(more.begin(), more.end());
}

std::set<DnsName> names_to_look_at(const OwnerBook& book, const Look& look) {
  std::set<DnsName> names;
  for (const OwnerLook& one : look.owners) {
    add_names(names, names_that_count(book.ledgers(), one.owner, look.started));
    const auto parts = parse_owner(one.owner);
    if (parts && one.host_is_alias) names.insert(parts->host);
  }
  return names;
}

std::set<DnsName> names_passed(const Look& look) {
  std::set<DnsName> names;
  for (const OwnerLook& one : look.owners) {
    names.insert(one.owner);
    add_names(names, one.chain);
  }
  return names;
}

// Senders use nothing to which a base domain leads that is insecure.
void forget_insecure_hosts(OwnerBook& book, const Look& look) {
  for (const OwnerLook& one : look.owners) {
    if (one.dnssec == Dnssec::insecure && !parse_owner(one.owner)) {
      book.replace(after_loss_of_signatures(book.ledger(one.owner), look.ended));
    }
  }
}

Seconds longest_min_hold(const std::vector<LineageConfig>& lineages) {
  Seconds longest{0};
  for (const LineageConfig& lineage : lineages) longest = std::max(longest, lineage.min_hold);
  return longest;
}

}  // namespace

const KeyHolders& key_holders(const Workshop& shop) {
  shop.holders->load(shop.files(), shop.paths(), shop.settings.lineages);
  return *shop.holders;
}

Result<Look> look_at(const Workshop& shop, const std::vector<DnsName>& owners) {
  OwnerBook& book = *shop.book;
  if (auto loaded = book.load(shop.files(), shop.paths(), owners); !loaded) return loaded.error();
  const Seconds min_hold = longest_min_hold(shop.settings.lineages);
  const auto resolver = shop.world.resolver(shop.config());
  auto look = resolver->look(owners);
  if (!look) return look;
  if (auto noted = book.note(shop.files(), shop.paths(), *look, min_hold); !noted) return noted.error();
  std::set<DnsName> passed = names_passed(*look);
  for (int round = 0; round < most_rounds; ++round) {
    std::vector<DnsName> more;
    std::ranges::set_difference(names_to_look_at(book, *look), passed, std::back_inserter(more));
    if (more.empty()) break;
    auto others = resolver->look(more);
    if (!others) return others;
    if (auto noted = book.note(shop.files(), shop.paths(), *others, min_hold); !noted) return noted.error();
    forget_insecure_hosts(book, *others);
    passed.merge(names_passed(*others));
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
  Look own{look.started, look.ended, {}, look.signed_time};
  for (const DnsName& owner : lineage.tlsa) {
    if (const OwnerLook* const one = look_of(look.owners, owner); one != nullptr) own.owners.push_back(*one);
  }
  return own;
}

}  // namespace danectl
