#include "system/dns/zone_survey.hpp"

#include "core/dns/ignore.hpp"
#include "system/dns/host_replies.hpp"
#include "system/dns/unbound_conf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <arpa/nameser.h>

namespace danectl {
namespace {

// As many as libunbound follows.
constexpr std::size_t most_aliases = 11;

OwnerLook::Unanswered unanswered_by(const Reply& reply) {
  using Unanswered = OwnerLook::Unanswered;
  if (reply.libunbound_error != 0) return Unanswered::resolver;
  switch (reply.kind) {
    case Reply::Kind::failed:
      return Unanswered::by_error;
    case Reply::Kind::silent:
    case Reply::Kind::not_asked:  // the time was over
      return Unanswered::by_silence;
    case Reply::Kind::secure:
    case Reply::Kind::insecure:
    case Reply::Kind::bogus:
      break;
  }
  return Unanswered::no;
}

DnsName top_of(DnsName name) {
  while (!name.parent().is_root()) name = name.parent();
  return name;
}

}  // namespace

std::set<DnsName> servers_of(const ZoneView& zone) {
  std::set<DnsName> servers = zone.servers;
  for (const auto& [server, delegated] : zone.parent.servers) servers.insert(server);
  return servers;
}

std::optional<TlsaMessage> unproven_absence(const Reply& reply, const DnsName& name) {
  if (reply.kind != Reply::Kind::insecure) return std::nullopt;
  auto message = read_tlsa_message(reply.packet, name);
  if (!message) return std::nullopt;
  ChainLink& end = message->links.back();
  if (!message->records.empty() && !end.from_wildcard) return std::nullopt;
  message->records.clear();
  end = {.name = end.name, .zone = end.zone, .cname = {}, .ttl = end.ttl};
  return *std::move(message);
}

ZoneSurvey::ZoneSurvey(UnboundBatch& batch, UnboundBatch::Session resolver, const DnsConfig& config)
    : batch_(batch),
      resolver_(resolver),
      config_(config),
      from_elsewhere_(zones_from_elsewhere(config.unbound_conf)),
      hosts_(batch, resolver) {}

void ZoneSurvey::begin(const std::vector<DnsName>& owners) {
  batch_.ask(resolver_, DnsName{}, ns_t_dnskey, [this](const Reply& reply) { root_ = reply; });
  for (const DnsName& owner : owners) {
    if (!owners_.try_emplace(owner).second) continue;
    batch_.ask(resolver_, owner, ns_t_tlsa, [this, owner](const Reply& reply) { take_owner(owner, reply); });
    if (const auto parts = parse_owner(owner)) ask_for_base_domain(parts->host);
  }
  ask_for_time(owners);
}

// The SOA is what a zone signs most often.
void ZoneSurvey::ask_for_time(const std::vector<DnsName>& owners) {
  std::set<DnsName> zones{DnsName{}};
  for (const DnsName& owner : owners) zones.insert(top_of(owner));
  for (const DnsName& zone : zones) {
    batch_.ask(resolver_, zone, ns_t_soa, [this, zone](const Reply& reply) {
      if (reply.kind != Reply::Kind::secure) return;
      const auto signed_at = read_soa_signed(reply.packet, zone);
      if (signed_at) signed_time_ = std::max(signed_time_.value_or(*signed_at), *signed_at);
    });
  }
}

// An answer without data has the CNAME too, so for an alias one type of address is enough.
void ZoneSurvey::ask_for_base_domain(const DnsName& host) {
  if (!base_domains_.try_emplace(host).second) return;
  batch_.ask(resolver_, host, ns_t_a, [this, host](const Reply& reply) {
    BaseDomainView& view = base_domains_.at(host);
    view.v4 = address_answer(host, reply);
    view.is_alias = !view.v4.aliases.empty();
    view.is_from_wildcard = host_is_from_wildcard(reply.packet, host);
    if (!is_answer(reply)) view.unknown = why_not_secure(host, reply);
    if (reply.kind != Reply::Kind::secure || !reply.rdata.empty()) return;
    batch_.ask(resolver_, host, ns_t_aaaa, [&view, host](const Reply& other) {
      view.is_from_wildcard = host_is_from_wildcard(other.packet, host);
      if (!is_answer(other)) view.unknown = why_not_secure(host, other);
    });
  });
}

BaseDomainView ZoneSurvey::base_domain_of(const DnsName& owner) const {
  const auto parts = parse_owner(owner);
  const auto known = parts ? base_domains_.find(parts->host) : base_domains_.end();
  if (known == base_domains_.end()) return {};
  BaseDomainView view = known->second;
  view.v4 = judged(std::move(view.v4), root_);
  return view;
}

void ZoneSurvey::take_owner(const DnsName& owner, const Reply& reply) {
  OwnerView& view = owners_.at(owner);
  view.dnssec = dnssec_of(reply.kind);
  view.why = why_not_secure(owner, reply);
  view.unanswered = unanswered_by(reply);
  if (reply.kind == Reply::Kind::insecure || reply.kind == Reply::Kind::failed) follow_aliases(owner, {owner});
  if (const auto unproven = unproven_absence(reply, owner)) consider(owner, *unproven);
  if (view.dnssec != Dnssec::secure) return;
  auto message = read_tlsa_message(reply.packet, owner);
  if (!message) {
    view.dnssec = Dnssec::unknown;
    view.why = message.error().what;
    view.unanswered = OwnerLook::Unanswered::by_error;
    return;
  }
  take_message(owner, *std::move(message));
}

void ZoneSurvey::take_message(const DnsName& owner, TlsaMessage message) {
  OwnerView& view = owners_.at(owner);
  view = {};
  view.dnssec = Dnssec::secure;
  view.message = std::move(message);
  for (const ChainLink& link : view.message.links) want_zone(link.zone, link.name);
}

// Senders do not check there, as they do where absence is proven. So it is that, if every zone on the way is secure.
void ZoneSurvey::consider(const DnsName& owner, const TlsaMessage& unproven) {
  for (const ChainLink& link : unproven.links) {
    const auto known = apexes_.find(link.zone);
    if (known == apexes_.end()) {
      const DnsName apex = link.zone;
      batch_.ask(resolver_, apex, ns_t_soa, [this, owner, unproven, apex](const Reply& reply) {
        apexes_.emplace(apex, reply.kind == Reply::Kind::secure && !reply.rdata.empty());
        consider(owner, unproven);
      });
      return;
    }
    if (!known->second) return;
  }
  take_message(owner, unproven);
}

// For the words alone: aliases in a circle are a mere SERVFAIL, and an insecure answer does not tell which of its names
// is in no signed zone. So each name is asked for by itself.
void ZoneSurvey::follow_aliases(const DnsName& owner, const std::vector<DnsName>& names) {
  batch_.ask(resolver_, names.back(), ns_t_cname,
             [this, owner, names](const Reply& reply) { take_alias(owner, names, reply); });
}

void ZoneSurvey::take_alias(const DnsName& owner, std::vector<DnsName> names, const Reply& reply) {
  OwnerView& view = owners_.at(owner);
  if (reply.kind == Reply::Kind::insecure && view.dnssec == Dnssec::insecure) {
    view.insecure_at = names.back();
    if (names.size() == 1) return;
    view.why = fmt::format("{} is an alias of {}, which is not in a signed zone", owner.text(), names.back().text());
    return;
  }
  if (reply.kind != Reply::Kind::secure) return;
  const auto target = read_alias(reply.packet, names.back());
  if (!target) return;
  const bool circle = std::find(names.begin(), names.end(), *target) != names.end();
  names.push_back(*target);
  if (!circle && names.size() <= most_aliases) return follow_aliases(owner, names);
  if (!circle) return;
  std::string path;
  for (const DnsName& name : names) path += (path.empty() ? "" : " -> ") + name.text();
  view.why = fmt::format("the aliases of {} go in a circle: {}", owner.text(), path);
}

std::string ZoneSurvey::why_not_asked(const DnsName& apex, const DnsName& name) const {
  if (apex.is_root()) {
    // No owner can be published there; and a context that forwards the root cannot ask the root's servers.
    return fmt::format("{} is below no top-level domain: the root's servers are not asked", name.text());
  }
  for (const DnsName& other : from_elsewhere_) {
    // One above the zone is no harm: libunbound takes the closest, which is the server's.
    if (!other.is_below_or_equal(apex) || (other != apex && !name.is_below_or_equal(other))) continue;
    return fmt::format("{} takes {} from elsewhere, so no server of {} can be asked by itself", config_.unbound_conf,
                       other.text(), apex.text());
  }
  return {};
}

void ZoneSurvey::want_zone(const DnsName& apex, const DnsName& name) {
  const auto [at, added] = zones_.try_emplace(apex);
  at->second.names.insert(name);
  if (at->second.trouble.empty()) at->second.trouble = why_not_asked(apex, name);
  if (!added || !at->second.trouble.empty()) return;
  batch_.ask(resolver_, apex, ns_t_ns, [this, apex](const Reply& reply) { take_servers(apex, reply); });
  batch_.ask(resolver_, apex, ns_t_ds, [this, apex](const Reply& reply) { take_parent(apex, reply); });
}

void ZoneSurvey::take_servers(const DnsName& apex, const Reply& reply) {
  ZoneView& zone = zones_.at(apex);
  const auto trouble = [&](const std::string& why) {
    zone.trouble = fmt::format("the name servers of {} could not be looked up: {}", apex.text(), why);
  };
  if (reply.kind != Reply::Kind::secure) return trouble(reply.why);
  const auto message = read_ns_message(reply.packet, apex);
  if (!message) return trouble(message.error().what);
  zone.servers.insert(message->servers.begin(), message->servers.end());
  zone.ns_ttl = message->ttl;
  for (const DnsName& server : zone.servers) want_host(server);
}

void ZoneSurvey::want_host(const DnsName& server) {
  if (!ignores(config_.ignore, server, "")) hosts_.want(server);
}

void ZoneSurvey::take_parent(const DnsName& apex, const Reply& reply) {
  ParentView& view = zones_.at(apex).parent;
  const bool answered = reply.kind == Reply::Kind::secure || reply.kind == Reply::Kind::insecure;
  if (answered) view.name = read_parent(reply.packet, apex);
  if (!view.name) {
    view.unknown = fmt::format("the parent of {} could not be looked up: {}", apex.text(),
                               answered ? "the answer for its DS records does not tell" : reply.why);
    return;
  }
  want_parent(*view.name);
}

void ZoneSurvey::want_parent(const DnsName& parent) {
  if (!parents_.try_emplace(parent).second) return;
  batch_.ask(resolver_, parent, ns_t_ns, [this, parent](const Reply& answer) { take_parent_servers(parent, answer); });
  if (parent.is_root()) return;
  batch_.ask(resolver_, parent, ns_t_ds, [this, parent](const Reply& answer) {
    if (!is_answer(answer)) return;
    const auto above = read_parent(answer.packet, parent);
    parents_.at(parent).parent = above;
    if (above) want_parent(*above);
  });
}

void ZoneSurvey::add_parent_server(const DnsName& zone, const NamedServer& named) {
  ParentServers& parent = parents_.at(zone);
  if (std::find(parent.servers.begin(), parent.servers.end(), named.name) == parent.servers.end()) {
    parent.servers.push_back(named.name);
    want_host(named.name);
  }
  for (const auto& [address, ttl] : named.glue) parent.glue[named.name].insert(address);
}

std::set<std::string> ZoneSurvey::addresses_of_parent(const DnsName& zone, const DnsName& server) const {
  std::set<std::string> addresses;
  const ParentServers& parent = parents_.at(zone);
  if (const auto glue = parent.glue.find(server); glue != parent.glue.end()) addresses = glue->second;
  if (!hosts_.wanted(server)) return addresses;
  const HostView& host = hosts_.of(server);
  addresses.insert(host.addresses.begin(), host.addresses.end());
  return addresses;
}

void ZoneSurvey::take_parent_servers(const DnsName& parent, const Reply& reply) {
  ParentServers& view = parents_.at(parent);
  if (reply.kind == Reply::Kind::secure || reply.kind == Reply::Kind::insecure) {
    view.servers = read_name_servers(reply.packet, parent);
  }
  if (view.servers.empty()) {
    view.trouble = fmt::format("the name servers of {} could not be looked up: {}", parent.text(),
                               reply.why.empty() ? "there is none" : reply.why);
  }
  for (const DnsName& server : view.servers) want_host(server);
}

std::vector<ServerAddress> ZoneSurvey::addresses_of(const ZoneView& zone, const DnsName& server) const {
  const bool named = zone.servers.contains(server);
  const auto delegated = zone.parent.servers.find(server);
  Seconds ttl = named ? zone.ns_ttl : Seconds{0};
  if (delegated != zone.parent.servers.end()) ttl = std::max(ttl, delegated->second.ns_ttl);
  std::vector<ServerAddress> addresses;
  if (hosts_.wanted(server)) {
    const HostView& host = hosts_.of(server);
    for (const std::string& address : host.addresses) addresses.push_back({address, !named, std::max(ttl, host.ttl)});
  }
  if (delegated == zone.parent.servers.end()) return addresses;
  for (const auto& [address, glue_ttl] : delegated->second.glue) {
    const auto same = std::find_if(addresses.begin(), addresses.end(),
                                   [&glue = address](const ServerAddress& known) { return known.address == glue; });
    if (same == addresses.end()) {
      addresses.push_back({address, true, std::max(ttl, glue_ttl)});
    } else {
      same->delegation_ttl = std::max(same->delegation_ttl, glue_ttl);
    }
  }
  return addresses;
}

}  // namespace danectl
