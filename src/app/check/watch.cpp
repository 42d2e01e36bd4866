#include "app/check/watch.hpp"

#include "app/roll/hooks.hpp"
#include "app/frame/progress_line.hpp"
#include "app/roll/observe.hpp"
#include "app/store/store.hpp"
#include "core/check/check_ahead.hpp"
#include "core/check/check_dns.hpp"
#include "core/check/check_host.hpp"
#include "core/check/check_records.hpp"
#include "core/check/used_records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
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

  // Where a host is an alias, senders look for records at its expanded name first.
  void look_at_expanded_names() {
    used_ = UsedRecords(look_.owners, inspection_);
    const std::vector<DnsName> expanded = used_.not_looked_at(look_.owners);
    if (expanded.empty()) return;
    auto more = look_at(shop_, expanded);
    if (more) {
      inspection_of_expanded_ = shop_.world.inspector(shop_.config())->inspect(more->owners);
    } else {
      more = no_look(expanded, more.error().what, shop_.world.clock.now());
    }
    expanded_.insert(expanded.begin(), expanded.end());
    std::move(more->owners.begin(), more->owners.end(), std::back_inserter(look_.owners));
  }

  // The look at the records that senders use for an owner. REQUIRES: it was looked at.
  [[nodiscard]] const OwnerLook& used_look(const DnsName& owner) const {
    return used_.used(look_.owners, *look_of(look_.owners, owner));
  }

  [[nodiscard]] const Inspection& inspection_of(const OwnerLook& look) const {
    return expanded_.contains(look.owner) ? inspection_of_expanded_ : inspection_;
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
      urls.push_back(as_senders_ask(url));
      probed_.push_back({lineage, {url, {}}});
    };
    for (const LineageConfig& lineage : subjects_.lineages) {
      for (const ProbeUrl& url : lineage.probe) want(lineage.name, url);
    }
    for (const ProbeUrl& url : subjects_.servers) want({}, url);
    if (urls.empty()) return;
    auto results = shop_.world.probe(shop_.config())->probe(urls, [this](std::size_t done, std::size_t all) {
      bar_.draw(fmt::format("asking servers: {} of {} addresses", done, all));
    });
    for (std::size_t i = 0; i < results.size(); ++i) probed_[i].result.addresses = std::move(results[i].addresses);
  }

  // They send the name that the records are of (RFC 7672 section 8.1), which a host that is an alias may not know.
  [[nodiscard]] ProbeUrl as_senders_ask(ProbeUrl url) const {
    if (const auto parts = parse_owner(used_look(url.owner()).owner)) url.host = parts->host;
    return url;
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
    const OwnerLook& used = used_look(owner);
    std::vector<LineageFacts> lineages = facts_on(look);
    std::vector<std::string> names;
    for (const LineageFacts& one : lineages) {
      if (chosen(one.lineage.name) && is_on(one.lineage, owner)) names.push_back(one.lineage.name);
    }
    const Seconds hold_down = longest_hold_down(used, lineages);
    if (&used == &look) {
      add(check_dns({look, inspection_, hold_down, now_.wall, nullptr, std::move(names)}));
    } else {
      add(check_host({look, inspection_, hold_down, now_.wall, &used, std::move(names)}));
      if (!is_checked(used.owner)) add(check_dns({used, inspection_of(used), hold_down, now_.wall}));
    }
    check_records_of(owner, used, lineages);
    for (const Probed& probed : probed_) {
      if (checked_with(probed) == owner) check_probe(probed, lineages);
    }
    report_.owners.push_back(gauges_of(look));
  }

  void check_records_of(const DnsName& owner, const OwnerLook& used, const std::vector<LineageFacts>& lineages) {
    std::vector<LineageFacts> sharing = lineages;
    if (used.owner != owner) {
      for (const LineageFacts& one : facts_on(used)) {
        const bool there = std::any_of(lineages.begin(), lineages.end(), [&](const LineageFacts& known) {
          return known.lineage.name == one.lineage.name;
        });
        if (!there) sharing.push_back(one);
      }
    }
    std::vector<Chain> with_sni;
    std::vector<Chain> without_sni;
    for (const Probed& probed : probed_) {
      if (used_.first(probed.result.url.owner()) != used_.first(owner)) continue;
      take_chains(with_sni, probed.result, ServerName::sent);
      take_chains(without_sni, probed.result, ServerName::not_sent);
    }
    RecordsCheck check{used, sharing, with_sni, now_};
    if (used.owner != owner) check.in_place_of = owner;
    check.without_sni = std::move(without_sni);
    check.holder = [this](const Association& record) { return key_holders(shop_).of(record); };
    std::vector<Finding> findings = check_records(check);
    std::erase_if(findings,
                  [&](const Finding& finding) { return !finding.lineage.empty() && !chosen(finding.lineage); });
    add(std::move(findings));
  }

  // The checked owner that a probe tells of; nothing: it asks a port without an owner.
  [[nodiscard]] std::optional<DnsName> checked_with(const Probed& probed) const {
    const DnsName owner = probed.result.url.owner();
    if (is_checked(owner)) return owner;
    const DnsName& first = used_.first(owner);
    return is_checked(first) ? std::optional<DnsName>(first) : std::nullopt;
  }

  void check_probe(const Probed& probed, const std::vector<LineageFacts>& lineages) {
    std::vector<std::string> mail_domains;
    for (const MxInspection& mx : inspection_.mx) {
      const bool secure = mx.host == probed.result.url.host && mx.dnssec == Dnssec::secure;
      if (secure) mail_domains.push_back(mx.domain.text());
    }
    LiveCheck check{probed.result, probed.lineage, used_look(probed.result.url.owner()),
                    lineages,      now_.wall,      std::move(mail_domains)};
    check.holder = [this](const KeyId& key) { return key_holders(shop_).of(key); };
    LiveReport live = check_live(check);
    add(std::move(live.findings));
    std::move(live.endpoints.begin(), live.endpoints.end(), std::back_inserter(report_.endpoints));
  }

  void check_lineage(const LineageFacts& lineage) {
    const Look look = own_look(lineage.lineage, look_);
    add(check_owners_agree(lineage, look.owners));
    std::vector<DnsName> asked;
    for (const DnsName& owner : lineage.lineage.tlsa) {
      const bool probed = std::any_of(probed_.begin(), probed_.end(), [&](const Probed& one) {
        return used_.first(one.result.url.owner()) == used_.first(owner);
      });
      if (probed) asked.push_back(owner);
    }
    add(check_ahead({lineage, look.owners, shop_.config().check, find_deploy_hook(shop_, lineage.lineage.name),
                     report_.last_run, now_, std::move(asked)}));
    // Probes of ports that have no owner in the lineage.
    for (const Probed& probed : probed_) {
      if (probed.lineage == lineage.lineage.name && !checked_with(probed)) check_probe(probed, {lineage});
    }
    report_.lineages.push_back(gauges_of(lineage.facts));
  }

  [[nodiscard]] bool is_checked(const DnsName& owner) const {
    return std::find(checked_owners_.begin(), checked_owners_.end(), owner) != checked_owners_.end();
  }

  static void take_chains(std::vector<Chain>& chains, const ProbeResult& result, ServerName server_name) {
    for (const ProbedAddress& address : result.addresses) {
      for (const Handshake& handshake : address.handshakes) {
        if (handshake.kind != Handshake::Kind::presented || handshake.server_name != server_name) continue;
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
  Inspection inspection_;
  UsedRecords used_;
  std::set<DnsName> expanded_;  // owners that were looked at since senders ask them first
  Inspection inspection_of_expanded_;
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
