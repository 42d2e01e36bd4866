#include "app/store/owner_book.hpp"

#include "app/store/store.hpp"

#include <algorithm>

namespace danectl {
namespace {

void add_aliases(std::vector<DnsName>& names, const Ledger& ledger) {
  const auto add = [&](const Version& version) {
    if (version.kind == Version::Kind::alias) names.push_back(*version.alias);
  };
  for (const ServerMemory& memory : ledger.servers) add(memory.last);
  for (const EndedVersion& ended : ledger.ended) add(ended.version);
}

// The alias that the servers of a name give; the first, where they differ.
const DnsName* alias_of(const Ledger& ledger) {
  for (const ServerMemory& memory : ledger.servers) {
    if (!memory.left && memory.last.kind == Version::Kind::alias) return &*memory.last.alias;
  }
  return nullptr;
}

constexpr int longest_chain = 16;

// `looks` stay sorted by owner.
void put(std::vector<OwnerLook>& looks, const OwnerLook& look) {
  const auto place = std::ranges::lower_bound(looks, look.owner, {}, &OwnerLook::owner);
  if (place != looks.end() && place->owner == look.owner) {
    *place = look;
  } else {
    looks.insert(place, look);
  }
}

// Of each owner whose base domain is or was an alias: the owners below the names that it led to, ever.
std::vector<DnsName> expanded_by_aliases(const Ledgers& ledgers, const std::vector<DnsName>& owners) {
  std::vector<DnsName> expanded;
  for (const DnsName& owner : owners) {
    const auto parts = parse_owner(owner);
    if (!parts) continue;
    std::set<DnsName> seen{parts->host};
    std::vector<DnsName> open;
    add_aliases(open, ledger_of(ledgers, parts->host));
    while (!open.empty()) {
      const DnsName name = open.back();
      open.pop_back();
      if (!seen.insert(name).second) continue;
      add_aliases(open, ledger_of(ledgers, name));
      if (const auto one = owner_at(*parts, name)) expanded.push_back(*one);
    }
  }
  return expanded;
}

}  // namespace

Status OwnerBook::load(Files& files, const Paths& paths, const std::vector<DnsName>& names) {
  std::vector<DnsName> open = names;
  for (const DnsName& name : names) {
    if (const auto parts = parse_owner(name)) open.push_back(parts->host);
  }
  if (auto loaded = load_with_aliases(files, paths, std::move(open)); !loaded) return loaded;
  return load_with_aliases(files, paths, expanded_by_aliases(ledgers_, names));
}

Status OwnerBook::load_with_aliases(Files& files, const Paths& paths, std::vector<DnsName> open) {
  while (!open.empty()) {
    const DnsName name = open.back();
    open.pop_back();
    if (ledgers_.contains(name)) continue;
    auto ledger = load_ledger(files, paths, name);
    if (!ledger) return ledger.error();
    add_aliases(open, *ledger);
    ledgers_.emplace(name, *std::move(ledger));
    ++edition_;
  }
  return {};
}

Status OwnerBook::note(Files& files, const Paths& paths, const Look& look, Seconds min_hold) {
  if (looks_.empty()) looks_.reserve(look.owners.size());
  std::set<DnsName> done;  // several owners may lead to one name, which was asked for once
  for (const OwnerLook& one : look.owners) {
    std::vector<DnsName> names = one.chain;
    if (names.empty()) names.push_back(one.owner);
    if (auto loaded = load(files, paths, names); !loaded) return loaded;
    for (const DnsName& name : names) {
      if (!done.insert(name).second && name != one.owner) continue;
      replace(after_look(ledger(name), one, {look.ended, look.signed_time}, min_hold));
    }
    put(looks_, one);
  }
  return {};
}

void OwnerBook::replace(Ledger ledger) {
  const auto known = ledgers_.find(ledger.name);
  if (known != ledgers_.end() && known->second == ledger) return;
  changed_.insert(ledger.name);
  ledgers_.insert_or_assign(ledger.name, std::move(ledger));
  ++edition_;
}

Status OwnerBook::save(Files& files, const Paths& paths) {
  while (!changed_.empty()) {
    if (auto saved = save_ledger(files, paths, ledger(*changed_.begin())); !saved) return saved;
    changed_.erase(changed_.begin());
  }
  return {};
}

DnsName OwnerBook::canonical(const DnsName& owner) const {
  if (const OwnerLook* const look = look_of(looks_, owner); look != nullptr && !look->chain.empty()) {
    return look->canonical();
  }
  DnsName name = owner;
  for (int i = 0; i < longest_chain; ++i) {
    const DnsName* const alias = alias_of(ledger(name));
    if (alias == nullptr) break;
    name = *alias;
  }
  return name;
}

}  // namespace danectl
