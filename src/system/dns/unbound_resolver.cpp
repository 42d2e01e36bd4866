#include "system/dns/unbound_resolver.hpp"

#include "system/dns/ancestor_round.hpp"
#include "system/dns/parent_round.hpp"
#include "system/dns/reach.hpp"
#include "system/dns/resolver_session.hpp"
#include "system/dns/server_round.hpp"
#include "system/dns/unbound_batch.hpp"
#include "system/dns/zone_survey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include <malloc.h>

namespace danectl {
namespace {

using std::chrono::steady_clock;

// For the reason of a failure, once all else is known.
constexpr Milliseconds time_for_explanations{500};

constexpr std::size_t owners_worth_a_trim = 1000;

class Assembly {
 public:
  Assembly(ZoneSurvey& survey, ServerRound& round, Reach& reach) : survey_(survey), round_(round), reach_(reach) {
    for (const auto& [apex, zone] : survey_.zones()) note_families(zone);
  }

  OwnerLook look(const DnsName& owner) {
    const OwnerView& view = survey_.owners().at(owner);
    OwnerLook look;
    look.owner = owner;
    look.dnssec = view.dnssec;
    look.why = view.why;
    look.unanswered = view.unanswered;
    look.insecure_at = view.insecure_at;
    BaseDomainView base_domain = survey_.base_domain_of(owner);
    look.host_is_alias = base_domain.is_alias;
    look.host_is_from_wildcard = base_domain.is_from_wildcard;
    look.host_unknown = std::move(base_domain.unknown);
    look.host_v4 = std::move(base_domain.v4);
    // Where the root itself could not be validated, nothing was proven not to be signed.
    if (look.dnssec != Dnssec::secure && survey_.root().kind != Reply::Kind::secure) {
      look.dnssec = Dnssec::unknown;
      look.unanswered = OwnerLook::Unanswered::resolver;
      look.why = fmt::format("the root could not be looked up: {}", survey_.root().why);
      look.insecure_at.reset();
    }
    if (look.dnssec != Dnssec::secure) return look;
    look.resolver_records = view.message.records;
    for (const ChainLink& link : view.message.links) {
      look.chain.push_back(link.name);
      add_answers(look.answers, link.zone, link.name);
    }
    look.answers.shrink_to_fit();  // of ten thousand owners it counts
    look.zones = zones_of(view.message);
    return look;
  }

 private:
  void note_families(const ZoneView& zone) {
    for_each_address(zone, [&](const DnsName&, const std::string& address) {
      if (reach_.is_routable(address)) routable_families_.insert(is_v6(address));
    });
  }

  template <class Visit>
  void for_each_address(const ZoneView& zone, Visit visit) {
    for (const DnsName& server : servers_of(zone)) {
      for (const ServerAddress& one : survey_.addresses_of(zone, server)) visit(server, one.address);
    }
  }

  static bool is_v6(const std::string& address) { return address.find(':') != std::string::npos; }

  // All or none: a zone left out would look like a change of the name servers.
  std::vector<ZoneServers> zones_of(const TlsaMessage& message) {
    std::vector<ZoneServers> zones;
    for (const ChainLink& link : message.links) {
      const ZoneView& zone = survey_.zones().at(link.zone);
      if (!zone.trouble.empty()) return {};
      const auto same = [&](const ZoneServers& other) { return other.apex == link.zone; };
      if (std::any_of(zones.begin(), zones.end(), same)) continue;
      zones.push_back({link.zone, {zone.servers.begin(), zone.servers.end()}, delegation_of(zone.parent)});
    }
    return zones;
  }

  static std::optional<Delegation> delegation_of(const ParentView& parent) {
    if (!parent.heard) return std::nullopt;
    Delegation delegation{*parent.name, {}, parent.whole};
    for (const auto& [server, to] : parent.servers) {
      delegation.servers.push_back({server, {}});
      for (const auto& [address, ttl] : to.glue) delegation.servers.back().glue.push_back(address);
    }
    return delegation;
  }

  void add_answers(std::vector<ServerAnswer>& answers, const DnsName& apex, const DnsName& name) {
    const ZoneView& zone = survey_.zones().at(apex);
    ServerAnswer blank;
    blank.zone = apex;
    blank.qname = name;
    if (!zone.trouble.empty()) {
      blank.server = apex;
      blank.why = zone.trouble;
      answers.push_back(std::move(blank));
      return;
    }
    add_parent(answers, blank, zone.parent);
    const bool any_asked = asks_any(zone);
    for (const DnsName& server : servers_of(zone)) {
      blank.server = server;
      add_server(answers, blank, zone, any_asked);
    }
  }

  // Without a word of the parent there may be servers that only it names. One that was named before stays what it was.
  static void add_parent(std::vector<ServerAnswer>& answers, ServerAnswer blank, const ParentView& parent) {
    if (parent.heard) return;
    blank.server = blank.zone;
    if (!parent.left_out.empty()) blank.kind = ServerAnswer::Kind::left_out;
    blank.why = parent.left_out.empty() ? parent.unknown : parent.left_out;
    answers.push_back(std::move(blank));
  }

  bool asks_any(const ZoneView& zone) {
    bool any = false;
    for_each_address(zone, [&](const DnsName& server, const std::string& address) {
      any = any || reach_.is_asked(server, address);
    });
    return any;
  }

  void add_server(std::vector<ServerAnswer>& answers, ServerAnswer blank, const ZoneView& zone, bool any_asked) {
    blank.by_parent_alone = !zone.servers.contains(blank.server);
    if (reach_.is_ignored(blank.server, "")) {
      blank.kind = ServerAnswer::Kind::left_out;
      blank.why = "in [dns] ignore";
      answers.push_back(std::move(blank));
      return;
    }
    const std::vector<ServerAddress> addresses = survey_.addresses_of(zone, blank.server);
    for (const std::string& trouble : trouble_of(blank.server, zone, addresses)) {
      answers.push_back(blank);
      answers.back().why = trouble;
    }
    for (const ServerAddress& one : addresses) {
      answers.push_back(blank);
      ServerAnswer& answer = answers.back();
      answer.address = one.address;
      fill(answer, any_asked);
      answer.by_parent_alone = one.by_parent_alone;
      answer.delegation_ttl = one.delegation_ttl;
    }
  }

  std::vector<std::string> trouble_of(const DnsName& server, const ZoneView& zone,
                                      const std::vector<ServerAddress>& addresses) {
    const HostView& host = survey_.hosts().of(server);
    if (!host.nowhere) return host.trouble;
    if (!addresses.empty()) return {};  // as glue
    const std::string where = zone.servers.contains(server)
                                  ? "the zone's NS records"
                                  : fmt::format("the delegation in {}", zone.parent.name->text());
    return {fmt::format("{} has no address: take it out of {}, or put it into [dns] ignore", server.text(), where)};
  }

  void fill(ServerAnswer& answer, bool any_asked) {
    if (reach_.is_ignored(answer.server, answer.address)) {
      answer.kind = ServerAnswer::Kind::left_out;
      answer.why = "in [dns] ignore";
    } else if (!reach_.is_routable(answer.address)) {
      const bool family_has_route = routable_families_.contains(is_v6(answer.address));
      answer.why = family_has_route ? "no route to it"
                                    : fmt::format("no {} route on this host", is_v6(answer.address) ? "IPv6" : "IPv4");
      // A host without network would leave every server out, and "all servers answered" would hold of none.
      if (!family_has_route && any_asked) answer.kind = ServerAnswer::Kind::left_out;
    } else {
      DnsName server = std::move(answer.server);
      answer = round_.answer(answer.zone, answer.address, answer.qname);
      answer.server = std::move(server);
    }
  }

  ZoneSurvey& survey_;
  ServerRound& round_;
  Reach& reach_;
  std::set<bool> routable_families_;  // true: IPv6
};

}  // namespace

Result<Look> UnboundResolver::look(const std::vector<DnsName>& owners) {
  auto look = look_by_contexts(owners);
  // Else what libunbound's threads had stays with the process: some 10 MiB of ten thousand owners.
  if (owners.size() >= owners_worth_a_trim) malloc_trim(0);
  return look;
}

Result<Look> UnboundResolver::look_by_contexts(const std::vector<DnsName>& owners) {
  Look look;
  look.started = clock_.now();
  const auto begun = steady_clock::now();
  const auto end = begun + 2 * config_.timeout;
  auto opener = resolver_opener(config_);
  if (!opener) return opener.error();

  UnboundBatch batch(config_.timeout);
  ZoneSurvey survey(batch, batch.add_session(*std::move(opener)), config_);
  survey.begin(owners);
  batch.run(begun + config_.timeout);
  if (auto root = check_root(survey.root(), config_); !root) return root.error();

  Reach reach(config_.ignore);
  ask_ancestors(survey, reach, Milliseconds(config_.timeout) / 4);
  batch.run(end);
  ask_parents(survey, reach, config_.timeout);

  ServerRound round(batch, config_, survey, reach);
  round.begin();
  batch.run(end);
  const auto left = std::chrono::floor<Milliseconds>(end - steady_clock::now());
  round.explain_failures(std::min(left, time_for_explanations));

  Assembly assembly(survey, round, reach);
  look.owners.reserve(owners.size());
  for (const DnsName& owner : owners) look.owners.push_back(assembly.look(owner));
  look.signed_time = survey.signed_time();
  look.ended = clock_.now();
  return look;
}

}  // namespace danectl
