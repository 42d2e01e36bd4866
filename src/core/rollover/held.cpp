#include "core/rollover/held.hpp"

#include <algorithm>

namespace danectl {
namespace {

class Collection {
 public:
  Collection(const Ledgers& ledgers, const HoldRule& rule) : ledgers_(ledgers), rule_(rule) {}

  // `path_ttl`: the longest of the aliases on the way. A cache may keep what they lead to as long as an alias itself.
  void reach(const DnsName& name, Seconds path_ttl) {
    const auto [known, is_new] = path_ttls_.emplace(name, path_ttl);
    if (is_new) names_.push_back(name);
    if (!is_new && path_ttl <= known->second) return;
    known->second = path_ttl;
    for (const HeldVersion& one : versions_at(name)) {
      if (one.version.kind == Version::Kind::alias) reach(*one.version.alias, std::max(path_ttl, one.version.ttl));
    }
  }

  [[nodiscard]] std::vector<HeldVersion> versions() const {
    std::vector<HeldVersion> all;
    for (const DnsName& name : names_) {
      for (HeldVersion& one : versions_at(name)) {
        if (one.version.kind != Version::Kind::alias) all.push_back(std::move(one));
      }
    }
    return all;
  }

  [[nodiscard]] const std::vector<DnsName>& names() const { return names_; }

 private:
  [[nodiscard]] std::vector<HeldVersion> versions_at(const DnsName& name) const {
    using By = HeldVersion::By;
    std::vector<HeldVersion> all;
    const Ledger& ledger = ledger_of(ledgers_, name);
    for (const ServerMemory& memory : ledger.servers) {
      // Only caches still ask one that is no server now.
      if (memory.left && rule_.caches == Caches::left_out_by_a_person) continue;
      const By by = memory.left ? By::gone_server : By::server;
      all.push_back({by, name, memory.last, server_text(memory.server, memory.address)});
    }
    for (const AskedFor& asked : ledger.asked) {
      all.push_back({By::asked_for, name, {.records = asked.records, .ttl = asked.ttl}});
    }
    if (rule_.caches == Caches::left_out_by_a_person) return all;
    if (ledger.resolver) all.push_back({By::resolver, name, *ledger.resolver});
    for (const EndedVersion& ended : ledger.ended) {
      const Seconds lasts = hold_down(std::max(ended.version.ttl, path_ttls_.at(name)), rule_.min_hold);
      if (elapsed(ended.until, rule_.now) < lasts)
        all.push_back({By::cache, name, ended.version, {}, ended.until, lasts});
    }
    return all;
  }

  const Ledgers& ledgers_;
  const HoldRule& rule_;
  std::map<DnsName, Seconds> path_ttls_;
  std::vector<DnsName> names_;
};

}  // namespace

std::vector<HeldVersion> held(const Ledgers& ledgers, const DnsName& owner, const HoldRule& rule) {
  Collection collection(ledgers, rule);
  collection.reach(owner, Seconds{0});
  return collection.versions();
}

std::vector<DnsName> names_behind(const Ledgers& ledgers, const DnsName& owner, const Instant& now) {
  const HoldRule rule{Seconds{0}, now};
  Collection collection(ledgers, rule);
  collection.reach(owner, Seconds{0});
  return collection.names();
}

std::vector<DnsName> expanded_owners(const Ledgers& ledgers, const DnsName& owner, const HoldRule& rule) {
  std::vector<DnsName> owners;
  const auto parts = parse_owner(owner);
  if (!parts) return owners;
  for (const HeldVersion& end : held(ledgers, parts->host, rule)) {
    if (end.name == parts->host) continue;
    const auto expanded = owner_at(*parts, end.name);
    if (expanded && std::find(owners.begin(), owners.end(), *expanded) == owners.end()) owners.push_back(*expanded);
  }
  return owners;
}

std::vector<DnsName> names_that_count(const Ledgers& ledgers, const DnsName& owner, const Instant& now) {
  std::vector<DnsName> all = names_behind(ledgers, owner, now);
  const auto add = [&](const std::vector<DnsName>& names) { all.insert(all.end(), names.begin(), names.end()); };
  if (const auto parts = parse_owner(owner)) {
    const std::vector<DnsName> from_host = names_behind(ledgers, parts->host, now);
    if (from_host.size() > 1) add(from_host);
  }
  for (const DnsName& expanded : expanded_owners(ledgers, owner, {Seconds{0}, now})) {
    add(names_behind(ledgers, expanded, now));
  }
  return all;
}

const Ledger& ledger_of(const Ledgers& ledgers, const DnsName& name) {
  static const Ledger nothing_known;
  const auto found = ledgers.find(name);
  return found == ledgers.end() ? nothing_known : found->second;
}

}  // namespace danectl
