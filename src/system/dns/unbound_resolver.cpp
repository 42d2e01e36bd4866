#include "system/dns/unbound_resolver.hpp"

#include "core/dns/ignore.hpp"
#include "system/dns/server_round.hpp"
#include "system/dns/unbound_batch.hpp"
#include "system/dns/unbound_context.hpp"
#include "system/dns/zone_survey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <set>

namespace danectl {
namespace {

using std::chrono::steady_clock;

// For the reason of a failure, once all else is known.
constexpr Milliseconds time_for_explanations{500};

// The first context is opened here and now, since without it no look is possible at all.
Result<UnboundBatch::Opener> resolver_opener(const DnsConfig& config) {
  auto first = UnboundContext::open(config, {});
  if (!first) return first.error();
  auto ready = std::make_shared<std::optional<UnboundContext>>(std::move(*first));
  return UnboundBatch::Opener([ready, &config]() -> Result<UnboundContext> {
    if (!*ready) return UnboundContext::open(config, {});
    Result<UnboundContext> context(std::move(**ready));
    ready->reset();
    return context;
  });
}

// A wrong anchor makes everything bogus, a missing one makes everything insecure without a word: neither may pass for
// the state of the owners' zones. A root that could not be reached is no Error, the looks tell.
Status check_root(const Reply& root, const DnsConfig& config) {
  if (root.libunbound_error != 0) {
    Error error = not_yet(fmt::format("libunbound cannot start: {}", ub_strerror(root.libunbound_error)));
    if (root.libunbound_error == UB_INITFAIL) {
      error.kind = ErrorKind::invalid;
      error.hint = fmt::format("does {} hold the root's DNSKEY or DS records, one a line?", trust_anchor_name(config));
    }
    return error;
  }
  const bool missing = root.kind == Reply::Kind::insecure;
  if (!missing && root.kind != Reply::Kind::bogus) return {};
  return not_yet(
      fmt::format("the trust anchor {} does not validate the root as seen through the resolver: {}",
                  trust_anchor_name(config), missing ? "it holds no key of the root" : root.why),
      "is the file up to date, and does the resolver pass on DNSSEC records? [dns] trust_anchor names another "
      "file, and resolver = \"recursive\" does without the resolver");
}

class Assembly {
 public:
  Assembly(ZoneSurvey& survey, ServerRound& round, const std::vector<IgnoreRule>& ignore)
      : survey_(survey), round_(round), ignore_(ignore) {
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
    look.zones = zones_of(view.message);
    return look;
  }

 private:
  void note_families(const ZoneView& zone) {
    for_each_address(zone, [&](const DnsName&, const std::string& address) {
      if (round_.routable(address)) routable_families_.insert(is_v6(address));
    });
  }

  template <class Visit>
  void for_each_address(const ZoneView& zone, Visit visit) {
    for (const DnsName& server : zone.servers) {
      if (!survey_.hosts().wanted(server)) continue;
      for (const std::string& address : survey_.hosts().of(server).addresses) visit(server, address);
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
      zones.push_back({link.zone, {zone.servers.begin(), zone.servers.end()}, zone.ns_ttl});
    }
    return zones;
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
    const bool any_asked = asks_any(zone);
    for (const DnsName& server : zone.servers) {
      blank.server = server;
      add_server(answers, blank, any_asked);
    }
  }

  bool asks_any(const ZoneView& zone) {
    bool any = false;
    for_each_address(zone, [&](const DnsName& server, const std::string& address) {
      any = any || (!ignores(ignore_, server, address) && round_.routable(address));
    });
    return any;
  }

  void add_server(std::vector<ServerAnswer>& answers, ServerAnswer blank, bool any_asked) {
    if (!survey_.hosts().wanted(blank.server)) {
      blank.kind = ServerAnswer::Kind::left_out;
      blank.why = "in [dns] ignore";
      answers.push_back(std::move(blank));
      return;
    }
    const HostView& host = survey_.hosts().of(blank.server);
    for (const std::string& trouble : host.trouble) {
      answers.push_back(blank);
      answers.back().why = trouble;
    }
    for (const std::string& address : host.addresses) {
      answers.push_back(blank);
      answers.back().address = address;
      fill(answers.back(), any_asked);
    }
  }

  void fill(ServerAnswer& answer, bool any_asked) {
    if (ignores(ignore_, answer.server, answer.address)) {
      answer.kind = ServerAnswer::Kind::left_out;
      answer.why = "in [dns] ignore";
    } else if (!round_.routable(answer.address)) {
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
  const std::vector<IgnoreRule>& ignore_;
  std::set<bool> routable_families_;  // true: IPv6
};

}  // namespace

Result<Look> UnboundResolver::look(const std::vector<DnsName>& owners) {
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

  ServerRound round(batch, config_, survey);
  round.begin();
  batch.run(end);
  const auto left = std::chrono::floor<Milliseconds>(end - steady_clock::now());
  round.explain_failures(std::min(left, time_for_explanations));

  Assembly assembly(survey, round, config_.ignore);
  for (const DnsName& owner : owners) look.owners.push_back(assembly.look(owner));
  look.ended = clock_.now();
  return look;
}

}  // namespace danectl
