#include "system/zone_survey.hpp"

#include <fmt/format.h>

#include <arpa/nameser.h>

namespace danectl {
namespace {

Dnssec dnssec_of(Reply::Kind kind) {
  switch (kind) {
    case Reply::Kind::secure:
      return Dnssec::secure;
    case Reply::Kind::insecure:
      return Dnssec::insecure;
    case Reply::Kind::bogus:
      return Dnssec::bogus;
    case Reply::Kind::failed:
    case Reply::Kind::silent:
    case Reply::Kind::not_asked:
      break;
  }
  return Dnssec::unknown;
}

}  // namespace

void ZoneSurvey::begin(const std::vector<DnsName>& owners) {
  batch_.ask(resolver_, DnsName{}, ns_t_dnskey, [this](const Reply& reply) { root_ = reply; });
  for (const DnsName& owner : owners) {
    if (!owners_.try_emplace(owner).second) continue;
    batch_.ask(resolver_, owner, ns_t_tlsa, [this, owner](const Reply& reply) { take_owner(owner, reply); });
  }
}

void ZoneSurvey::take_owner(const DnsName& owner, const Reply& reply) {
  OwnerView& view = owners_.at(owner);
  view.dnssec = dnssec_of(reply.kind);
  view.why = reply.why;
  if (view.dnssec == Dnssec::insecure) view.why = fmt::format("{} is not in a signed zone", owner.text());
  if (view.dnssec != Dnssec::secure) return;
  auto message = read_tlsa_message(reply.packet, owner);
  if (!message) {
    view.dnssec = Dnssec::unknown;
    view.why = message.error().what;
    return;
  }
  view.message = *std::move(message);
  for (const ChainLink& link : view.message.links) want_zone(link.zone, link.name);
}

void ZoneSurvey::want_zone(const DnsName& apex, const DnsName& name) {
  const auto [at, added] = zones_.try_emplace(apex);
  at->second.names.insert(name);
  if (!added) return;
  if (apex.is_root()) {
    // No owner can be published there; and a context that forwards the root cannot ask the root's servers.
    at->second.trouble = fmt::format("{} is below no top-level domain: the root's servers are not asked", name.text());
    return;
  }
  batch_.ask(resolver_, apex, ns_t_ns, [this, apex](const Reply& reply) { take_servers(apex, reply); });
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
  for (const DnsName& server : zone.servers) {
    if (!ignores(ignore_, server, "")) hosts_.want(server);
  }
}

}  // namespace danectl
