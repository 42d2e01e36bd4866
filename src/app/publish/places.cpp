#include "app/publish/places.hpp"

#include "app/publish/publisher.hpp"
#include "app/store/observe_files.hpp"
#include "core/rollover/retiring.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

std::vector<DnsName> ends_of(const Workshop& shop, const LineageConfig& lineage) {
  std::vector<DnsName> ends;
  for (const DnsName& owner : lineage.tlsa) {
    const DnsName end = shop.book->canonical(owner);
    if (std::find(ends.begin(), ends.end(), end) == ends.end()) ends.push_back(end);
  }
  return ends;
}

std::vector<std::string> hosts_of(const std::vector<DnsName>& owners) {
  std::vector<std::string> hosts;
  for (const DnsName& owner : owners) {
    if (const auto parts = parse_owner(owner)) hosts.push_back(parts->host.text());
  }
  return hosts;
}

Objections unanswered_at(const Workshop& shop, const std::vector<DnsName>& owners, const Instant& now) {
  const Seen seen{shop.book->ledgers(), shop.book->looks(), now};
  for (const DnsName& owner : owners) {
    // One that was not looked at in this call is of another lineage: the name itself was.
    if (!shop.book->looked_at(owner)) continue;
    if (Objections objections = all_answered(seen, owner); !objections.empty()) return objections;
  }
  return {};
}

LineageOn other_on(const Workshop& shop, const LineageConfig& lineage, const DnsName& name, const Instant& now) {
  const auto facts = observe_settled(shop, lineage);
  if (!facts) {
    LineageOn unknown;
    unknown.name = lineage.name;
    unknown.unreadable = fmt::format("what {} has and presents is not known: {}", lineage.name, facts.error().what);
    return unknown;
  }
  return lineage_on(*facts, lineage, hosts_of(owners_to(name, lineage, *shop.book, now)), now);
}

std::optional<DnsName> zone_at(const Workshop& shop, const std::vector<DnsName>& owners) {
  for (const DnsName& owner : owners) {
    const OwnerLook* const look = look_of(shop.book->looks(), owner);
    if (look == nullptr) continue;
    if (auto zone = zone_of(*look)) return zone;
  }
  return std::nullopt;
}

bool covers(const ProbeUrl& url, const DnsName& name) {
  return url.address.empty() && url.owner() == name;
}

}  // namespace

Status load_all_ledgers(const Workshop& shop) {
  if (!shop.book->begin_to_load_the_rest()) return {};
  return shop.book->load(shop.files(), shop.paths(), owners_of(shop.settings.lineages));
}

Status look_at_the_rest(const Workshop& shop) {
  OwnerBook& book = *shop.book;
  if (book.begin_to_look_at_the_rest()) {
    std::vector<DnsName> rest = owners_of(shop.settings.lineages);
    std::erase_if(rest, [&](const DnsName& owner) { return book.looked_at(owner); });
    const auto look = rest.empty() ? Look{} : look_at(shop, rest);
    if (!look) {
      book.set_unknown(look.error().what);  // for those that ask later in this call
      return look.error();
    }
    for (const OwnerLook& one : look->owners) {
      // One whose answers are bogus or insecure leads no sender to the records.
      if (one.dnssec == Dnssec::unknown) book.set_unknown(fmt::format("{}: {}", one.owner.text(), one.why));
    }
  }
  if (book.unknown().empty()) return {};
  return not_yet(
      fmt::format(
          "nothing is changed, because it is not known whether another lineage's owner leads to the same records: {}",
          book.unknown()),
      "the records would be those of that lineage, too; try again when DNS answers");
}

ChangeRule change_rule(const Workshop& shop, const Place& place, Asker asker) {
  ChangeRule rule;
  switch (publish_for(shop.config(), place.name).method) {
    case PublishMethod::hook:
      rule.method = ChangeRule::Method::one_at_a_time;
      rule.sends = ChangeRule::Sends::blindly;
      break;
    case PublishMethod::include:
      rule.sends = ChangeRule::Sends::blindly;
      break;
    case PublishMethod::nsupdate:
    case PublishMethod::print:
      break;
  }
  const std::vector<ProbeUrl> probes = probes_at(place);
  const bool covered =
      std::any_of(probes.begin(), probes.end(), [&](const ProbeUrl& url) { return covers(url, place.name); });
  const bool every_host = covered && place.owners == Place::Owners::are_the_name;
  if (every_host) rule.issuers = ChangeRule::Issuers::may_go_where_probed;
  if (asker == Asker::person) rule.issuers = ChangeRule::Issuers::may_go;
  return rule;
}

Result<std::vector<PlaceFact>> places_of(const Workshop& shop, const LineageConfig& lineage, const Facts& facts,
                                         Asker asker, std::optional<DnsChange::Does> only) {
  if (auto loaded = load_all_ledgers(shop); !loaded) return loaded.error();
  const Instant now = shop.world.clock.now();
  std::vector<PlaceFact> places;
  for (const DnsName& end : ends_of(shop, lineage)) {
    PlaceFact fact;
    fact.owners = owners_to(end, lineage, *shop.book, now);
    fact.place.name = end;
    fact.place.ledger = shop.book->ledger(end);
    fact.place.unanswered = unanswered_at(shop, fact.owners, now);
    fact.place.lineages.push_back(lineage_on(facts, lineage, hosts_of(fact.owners), now));
    for (const LineageConfig* const other : shop.by_name->at(end, shop.settings.lineages, *shop.book, now)) {
      if (other->name != lineage.name) fact.place.lineages.push_back(other_on(shop, *other, end, now));
    }
    for (const LineageConfig* const one : shop.by_name->at(end, shop.settings.lineages, *shop.book, now)) {
      for (const DnsName& owner : owners_to(end, *one, *shop.book, now)) {
        if (owner != end) fact.place.owners = Place::Owners::some_are_aliases;
      }
    }
    fact.place.against_first = may_begin_below({shop.book->ledgers(), shop.book->looks(), now}, end);
    fact.zone = zone_at(shop, fact.owners);
    fact.ttl = ttl_at(shop, fact.place);
    ChangeRule rule = change_rule(shop, fact.place, asker);
    rule.only = only;
    fact.plan = next_change(fact.place, rule);
    fact.foreign = foreign_at(fact.place);
    fact.foreign_of_wildcards = foreign_of_wildcards(fact.place);
    fact.retiring = retiring_at(fact.place, fact.plan, rule);
    places.push_back(std::move(fact));
  }
  return places;
}

std::vector<ProbeUrl> probes_at(const Place& place) {
  std::vector<ProbeUrl> urls;
  for (const LineageOn& lineage : place.lineages) {
    for (const ProbeUrl& url : lineage.probes) {
      const bool known =
          std::any_of(urls.begin(), urls.end(), [&](const ProbeUrl& one) { return one.text() == url.text(); });
      if (!known) urls.push_back(url);
    }
  }
  return urls;
}

Seconds ttl_at(const Workshop& shop, const Place& place) {
  std::optional<Seconds> ttl;
  for (const Version& version : given_versions(place.ledger)) {
    if (version.records.empty() || version.from_wildcard) continue;
    ttl = std::max(ttl.value_or(Seconds{0}), version.ttl);
  }
  return ttl.value_or(publish_for(shop.config(), place.name).ttl);
}

std::optional<DnsName> zone_of(const OwnerLook& look) {
  std::optional<DnsName> closest;
  for (const ZoneServers& zone : look.zones) {
    if (!look.canonical().is_below_or_equal(zone.apex)) continue;
    if (!closest || zone.apex.is_below_or_equal(*closest)) closest = zone.apex;
  }
  return closest;
}

}  // namespace danectl
