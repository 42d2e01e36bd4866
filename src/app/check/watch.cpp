#include "app/check/watch.hpp"

#include "app/roll/hooks.hpp"
#include "app/frame/progress_line.hpp"
#include "app/roll/observe.hpp"
#include "app/store/store.hpp"
#include "core/check/check_ahead.hpp"
#include "core/check/check_dns.hpp"
#include "core/check/check_records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace danectl {
namespace {

class Watch {
 public:
  Watch(const Workshop& shop, const Subjects& subjects) : shop_(shop), subjects_(subjects), bar_(shop.output) {}

  CheckReport report() {
    bar_.draw("asking name servers ...");
    look();
    observe_lineages();
    ask_servers();
    bar_.clear();
    for (const DnsName& owner : checked_owners_) check_owner(owner);
    for (const Seen& seen : seen_) {
      if (chosen(seen.lineage.name)) check_lineage({seen.lineage, seen.facts});
    }
    add(check_shared_keys(all_facts(), shop_.config().check));
    report_.findings = in_order(std::move(report_.findings));
    return std::move(report_);
  }

 private:
  struct Seen {
    const LineageConfig& lineage;
    Facts facts;
  };
  struct Probed {
    std::string lineage;  // empty: named on the command line
    ProbeResult result;
  };

  void add(std::vector<Finding> findings) {
    std::move(findings.begin(), findings.end(), std::back_inserter(report_.findings));
  }

  [[nodiscard]] bool chosen(const std::string& name) const {
    return std::any_of(subjects_.lineages.begin(), subjects_.lineages.end(),
                       [&](const LineageConfig& lineage) { return lineage.name == name; });
  }

  void look() {
    std::set<DnsName> owners;
    for (const LineageConfig& lineage : subjects_.lineages) owners.insert(lineage.tlsa.begin(), lineage.tlsa.end());
    for (const ProbeUrl& url : subjects_.servers) owners.insert(url.owner());
    checked_owners_.assign(owners.begin(), owners.end());
    // A probe may ask a port that has no records of its own; then its owner is nothing to complain of.
    for (const LineageConfig& lineage : subjects_.lineages) {
      for (const ProbeUrl& url : lineage.probe) owners.insert(url.owner());
    }
    const std::vector<DnsName> all(owners.begin(), owners.end());
    auto look = look_at(shop_, all);
    if (look) {
      look_ = *std::move(look);
      inspection_ = shop_.world.inspector(shop_.config())->inspect(look_.owners);
      look_at_expanded_names();
    } else {
      look_ = no_look(all, look.error().what, shop_.world.clock.now());
    }
    now_ = moment_of(shop_, look_);
    report_.now = now_.wall;
    report_.limits = shop_.config().check;
    report_.last_run = last_run();
  }

  // Where a host is a secure alias, senders look for records at its expanded name first, and at the alias only when
  // there are none (RFC 7672 section 2.2.2).
  void look_at_expanded_names() {
    std::vector<DnsName> expanded;
    for (const OwnerLook& look : look_.owners) {
      const auto parts = parse_owner(look.owner);
      if (!parts) continue;
      for (const HostInspection& host : inspection_.hosts) {
        if (host.host != parts->host || host.addresses != Dnssec::secure || host.aliases.size() < 2) continue;
        const std::string labels = fmt::format("_{}._{}.", parts->port, parts->protocol);
        const auto owner = DnsName::parse(labels + host.aliases.back().text());
        if (!owner) continue;
        expanded_.emplace(look.owner, *owner);
        if (look_of(look_.owners, *owner) == nullptr) expanded.push_back(*owner);
      }
    }
    if (expanded.empty()) return;
    auto more = look_at(shop_, expanded);
    if (more) std::move(more->owners.begin(), more->owners.end(), std::back_inserter(look_.owners));
  }

  // The look at the records that senders use for an owner.
  [[nodiscard]] const OwnerLook& used_look(const OwnerLook& look) const {
    const auto found = expanded_.find(look.owner);
    const OwnerLook* expanded = found == expanded_.end() ? nullptr : look_of(look_.owners, found->second);
    const bool used = expanded != nullptr && expanded->dnssec == Dnssec::secure && !expanded->resolver_records.empty();
    return used ? *expanded : look;
  }

  // Others than the chosen ones, too: what they want on a shared owner is not foreign there.
  void observe_lineages() {
    for (const LineageConfig& lineage : shop_.settings.lineages) {
      const bool shares = std::any_of(lineage.tlsa.begin(), lineage.tlsa.end(),
                                      [&](const DnsName& owner) { return look_of(look_.owners, owner) != nullptr; });
      if (!shares) continue;
      auto facts = facts_of(lineage);
      if (facts) {
        seen_.push_back({lineage, *std::move(facts)});
      } else if (chosen(lineage.name)) {
        report_.findings.push_back({FindingId::not_readable,
                                    Severity::unknown,
                                    lineage.name,
                                    {},
                                    {},
                                    {},
                                    facts.error().what,
                                    facts.error().hint});
      }
    }
  }

  Result<Facts> facts_of(const LineageConfig& lineage) {
    auto state = load_state(shop_.files(), shop_.paths(), lineage.name);
    if (!state) return state.error();
    // In memory only: `check` never writes.
    return observe(shop_, lineage, *std::move(state), own_look(lineage, look_));
  }

  void ask_servers() {
    std::vector<ProbeUrl> urls;
    std::set<std::string> known;  // one server may be asked for by several
    const auto want = [&](const std::string& lineage, const ProbeUrl& url) {
      if (!known.insert(url.text()).second) return;
      urls.push_back(url);
      probed_.push_back({lineage, {}});
    };
    for (const LineageConfig& lineage : subjects_.lineages) {
      for (const ProbeUrl& url : lineage.probe) want(lineage.name, url);
    }
    for (const ProbeUrl& url : subjects_.servers) want({}, url);
    if (urls.empty()) return;
    auto results = shop_.world.probe(shop_.config())->probe(urls, [this](std::size_t done, std::size_t all) {
      bar_.draw(fmt::format("asking servers: {} of {} addresses", done, all));
    });
    for (std::size_t i = 0; i < results.size(); ++i) probed_[i].result = std::move(results[i]);
  }

  [[nodiscard]] std::vector<LineageFacts> all_facts() const {
    std::vector<LineageFacts> all;
    for (const Seen& seen : seen_) all.push_back({seen.lineage, seen.facts});
    return all;
  }

  // Also those whose owner is another alias of the same name: the records are theirs, too.
  [[nodiscard]] std::vector<LineageFacts> facts_on(const OwnerLook& look) const {
    std::vector<LineageFacts> sharing;
    for (const Seen& seen : seen_) {
      const auto& owners = seen.lineage.tlsa;
      const bool shares = std::any_of(owners.begin(), owners.end(), [&](const DnsName& owner) {
        const OwnerLook* other = look_of(look_.owners, owner);
        return owner == look.owner || (other != nullptr && other->canonical() == look.canonical());
      });
      if (shares) sharing.push_back({seen.lineage, seen.facts});
    }
    return sharing;
  }

  void check_owner(const DnsName& owner) {
    const OwnerLook& look = *look_of(look_.owners, owner);
    const std::vector<LineageFacts> lineages = facts_on(look);
    std::vector<Chain> presented;
    for (const Probed& probed : probed_) {
      if (probed.result.url.owner() == owner) take_chains(presented, probed.result);
    }
    std::vector<Finding> of_dns = check_dns({look, inspection_, longest_hold_down(look, lineages), now_.wall});
    if (&used_look(look) != &look) {
      std::erase_if(of_dns, [](const Finding& finding) { return finding.id == FindingId::no_records; });
    }
    add(std::move(of_dns));
    std::vector<Finding> findings = check_records({look, lineages, presented, now_});
    std::erase_if(findings,
                  [&](const Finding& finding) { return !finding.lineage.empty() && !chosen(finding.lineage); });
    add(std::move(findings));
    for (const Probed& probed : probed_) {
      if (probed.result.url.owner() == owner) check_probe(probed, look, lineages);
    }
    report_.owners.push_back(gauges_of(look));
  }

  void check_probe(const Probed& probed, const OwnerLook& look, const std::vector<LineageFacts>& lineages) {
    std::vector<std::string> mail_domains;
    for (const MxInspection& mx : inspection_.mx) {
      const bool secure = mx.host == probed.result.url.host && mx.dnssec == Dnssec::secure;
      if (secure) mail_domains.push_back(mx.domain.text());
    }
    const OwnerLook& used = used_look(look);
    if (const auto parts = parse_owner(used.owner); parts && &used != &look) mail_domains.push_back(parts->host.text());
    LiveReport live = check_live({probed.result, probed.lineage, used, lineages, now_.wall, std::move(mail_domains)});
    add(std::move(live.findings));
    std::move(live.endpoints.begin(), live.endpoints.end(), std::back_inserter(report_.endpoints));
  }

  void check_lineage(const LineageFacts& lineage) {
    const Look look = own_look(lineage.lineage, look_);
    add(check_owners_agree(lineage, look.owners));
    std::vector<DnsName> asked;
    for (const Probed& probed : probed_) asked.push_back(probed.result.url.owner());
    add(check_ahead({lineage, look.owners, shop_.config().check, find_deploy_hook(shop_, lineage.lineage.name),
                     report_.last_run, now_, std::move(asked)}));
    // Probes of ports that have no owner in the lineage.
    for (const Probed& probed : probed_) {
      const DnsName owner = probed.result.url.owner();
      if (probed.lineage != lineage.lineage.name || is_checked(owner)) continue;
      check_probe(probed, *look_of(look_.owners, owner), {lineage});
    }
    report_.lineages.push_back(gauges_of(lineage.facts));
  }

  [[nodiscard]] bool is_checked(const DnsName& owner) const {
    return std::find(checked_owners_.begin(), checked_owners_.end(), owner) != checked_owners_.end();
  }

  static void take_chains(std::vector<Chain>& chains, const ProbeResult& result) {
    for (const ProbedAddress& address : result.addresses) {
      for (const Handshake& handshake : address.handshakes) {
        if (handshake.kind != Handshake::Kind::presented) continue;
        const bool known = std::any_of(chains.begin(), chains.end(),
                                       [&](const Chain& chain) { return chain.pem() == handshake.chain.pem(); });
        if (!known) chains.push_back(handshake.chain);
      }
    }
  }

  static Seconds longest_hold_down(const OwnerLook& look, const std::vector<LineageFacts>& lineages) {
    Seconds longest = 2 * published_ttl(look).value_or(Seconds{0});
    for (const LineageFacts& facts : lineages) longest = std::max(longest, facts.lineage.min_hold);
    return longest;
  }

  static OwnerGauges gauges_of(const OwnerLook& look) {
    OwnerGauges gauges;
    gauges.owner = look.owner.text();
    gauges.dnssec = to_text(look.dnssec);
    gauges.ttl = published_ttl(look);
    if (look.dnssec == Dnssec::secure) gauges.records = look.resolver_records.size();
    for (const ServerAnswer& answer : look.answers) {
      if (answer.kind == ServerAnswer::Kind::left_out) {
        gauges.left_out.push_back(fmt::format("{} {}: {}", answer.server.text(), answer.address, answer.why));
      }
      if (!answer.signature_ends) continue;
      gauges.signature_ends = std::min(gauges.signature_ends.value_or(*answer.signature_ends), *answer.signature_ends);
    }
    return gauges;
  }

  [[nodiscard]] LineageGauges gauges_of(const Facts& facts) const {
    LineageGauges gauges;
    gauges.name = facts.state.name;
    if (facts.deployed) {
      gauges.not_before = facts.deployed->chain.leaf().not_before;
      gauges.not_after = facts.deployed->chain.leaf().not_after;
    }
    if (facts.next) gauges.next_ready = facts.next->way.ready_at;
    gauges.candidates = facts.candidates.size();
    for (const PlaceFact& place : facts.places) gauges.retiring += place.retiring.size();
    gauges.reload_pending = facts.state.pending.reload_since || facts.state.pending.certbot_hooks_since;
    return gauges;
  }

  [[nodiscard]] std::optional<WallTime> last_run() const {
    const auto text = shop_.files().read(shop_.paths().last_run());
    if (!text) return std::nullopt;
    const auto time = parse_rfc3339(std::string_view(*text).substr(0, text->find('\n')));
    return time ? std::optional<WallTime>(*time) : std::nullopt;
  }

  const Workshop& shop_;
  const Subjects& subjects_;
  ProgressLine bar_;
  std::vector<DnsName> checked_owners_;
  Look look_;
  std::map<DnsName, DnsName> expanded_;  // the owner below the name that the host is an alias of
  Inspection inspection_;
  Instant now_;
  std::deque<Seen> seen_;
  std::vector<Probed> probed_;
  CheckReport report_;
};

}  // namespace

CheckReport watch(const Workshop& shop, const Subjects& subjects) {
  return Watch(shop, subjects).report();
}

}  // namespace danectl
