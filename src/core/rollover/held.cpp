#include "core/rollover/held.hpp"

#include <algorithm>
#include <set>

namespace danectl {
namespace {

class Collection {
 public:
  Collection(const Ledgers& ledgers, const HoldRule& rule) : ledgers_(ledgers), rule_(rule) {}

  // `path_ttl`: of the aliases on the way. A cache may keep what it leads to as long as the alias itself.
  void add_name(const DnsName& name, Seconds path_ttl) {
    if (!visited_.insert(name).second) return;
    names_.push_back(name);
    const Ledger& ledger = ledger_of(ledgers_, name);
    for (const ServerMemory& memory : ledger.servers) {
      // Only caches still ask one that is no server now.
      if (memory.left && rule_.caches == Caches::left_out_by_a_person) continue;
      const auto by = memory.left ? HeldVersion::By::gone_server : HeldVersion::By::server;
      add({by, name, memory.last, server_text(memory.server, memory.address)}, path_ttl);
    }
    for (const AskedFor& asked : ledger.asked) {
      add({HeldVersion::By::asked_for, name, {.records = asked.records, .ttl = asked.ttl}}, path_ttl);
    }
    if (rule_.caches == Caches::left_out_by_a_person) return;
    if (ledger.resolver) add({HeldVersion::By::resolver, name, *ledger.resolver}, path_ttl);
    for (const EndedVersion& ended : ledger.ended) {
      const Seconds lasts = hold_down(std::max(ended.version.ttl, path_ttl), rule_.min_hold);
      if (elapsed(ended.until, rule_.now) >= lasts) continue;
      add({HeldVersion::By::cache, name, ended.version, {}, ended.until, lasts}, path_ttl);
    }
  }

  std::vector<HeldVersion> versions_;
  std::vector<DnsName> names_;

 private:
  void add(HeldVersion held, Seconds path_ttl) {
    if (held.version.kind == Version::Kind::alias) {
      add_name(*held.version.alias, std::max(path_ttl, held.version.ttl));
    } else {
      versions_.push_back(std::move(held));
    }
  }

  const Ledgers& ledgers_;
  const HoldRule& rule_;
  std::set<DnsName> visited_;
};

}  // namespace

std::vector<HeldVersion> held(const Ledgers& ledgers, const DnsName& owner, const HoldRule& rule) {
  Collection collection(ledgers, rule);
  collection.add_name(owner, Seconds{0});
  return std::move(collection.versions_);
}

std::vector<DnsName> names_behind(const Ledgers& ledgers, const DnsName& owner, const Instant& now) {
  const HoldRule rule{Seconds{0}, now};
  Collection collection(ledgers, rule);
  collection.add_name(owner, Seconds{0});
  return std::move(collection.names_);
}

const Ledger& ledger_of(const Ledgers& ledgers, const DnsName& name) {
  static const Ledger nothing_known;
  const auto found = ledgers.find(name);
  return found == ledgers.end() ? nothing_known : found->second;
}

}  // namespace danectl
