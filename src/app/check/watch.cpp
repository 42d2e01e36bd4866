#include "app/check/watch.hpp"

#include "app/check/dns_view.hpp"
#include "app/check/domain_looks.hpp"
#include "app/frame/progress_line.hpp"
#include "app/host/loaded_files.hpp"
#include "app/host/permissions.hpp"
#include "app/host/publishing_setup.hpp"
#include "app/host/reload_programs.hpp"
#include "app/host/timer.hpp"
#include "app/roll/hooks.hpp"
#include "app/roll/observe.hpp"
#include "app/store/store.hpp"
#include "core/check/check_ahead.hpp"
#include "core/check/check_dns.hpp"
#include "core/check/check_host.hpp"
#include "core/check/check_loaded.hpp"
#include "core/check/check_records.hpp"
#include "core/check/second_opinion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace danectl {
namespace {

class Watch {
 public:
  Watch(const Workshop& shop, const Subjects& subjects)
      : shop_(shop), subjects_(subjects), bar_(shop.output), mail_(shop), dns_(shop), servers_(subjects.servers) {
    for (const LineageConfig& lineage : subjects.lineages) chosen_.insert(lineage.name);
  }

  CheckReport report() {
    bar_.draw("asking name servers ...");
    look_at_domains();
    look();
    observe_lineages();
    ask_servers();
    loaded_.live_root = shop_.paths().live_root();
    if (!subjects_.lineages.empty()) loaded_ = read_loaded_files(shop_, shop_.settings.lineages);
    bar_.clear();
    for (const DnsName& owner : checked_owners_) check_owner(owner);
    for (const Seen& seen : seen_) {
      if (chosen(seen.lineage.name)) check_lineage({seen.lineage, seen.facts});
    }
    for (DomainReport& domain : mail_.reports(report_.endpoints)) {
      add(std::move(domain.findings));
      report_.domains.push_back(std::move(domain.view));
    }
    if (!subjects_.lineages.empty()) check_setup();
    add(check_shared_keys(all_facts(), shop_.config().check));
    report_.findings = in_order(with_one_differing(std::move(report_.findings)));
    report_.looks = dns_.seen().owners;
    report_.loaded = std::move(loaded_);
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

  [[nodiscard]] bool chosen(const std::string& name) const { return chosen_.contains(name); }

  // Their hosts are servers of anybody.
  void look_at_domains() {
    add(mail_.look(subjects_.domains));
    for (ProbeUrl& url : mail_.servers()) servers_.push_back(std::move(url));
  }

  void look() {
    std::set<DnsName> owners;
    for (const LineageConfig& lineage : subjects_.lineages) owners.insert(lineage.tlsa.begin(), lineage.tlsa.end());
    for (const ProbeUrl& url : servers_) owners.insert(url.owner());
    checked_owners_.assign(owners.begin(), owners.end());
    // A probe may ask a port that has no records of its own; then its owner is nothing to complain of.
    for (const LineageConfig& lineage : subjects_.lineages) {
      for (const ProbeUrl& url : lineage.probe) owners.insert(url.owner());
    }
    dns_.look({owners.begin(), owners.end()}, mail_.seen());
    now_ = moment_of(shop_, dns_.seen());
    report_.now = now_.wall;
    report_.limits = shop_.config().check;
    if (const auto run = last_run(shop_)) report_.last_run = run->ended;
  }

  // Others than the chosen ones, too: what they want on a shared owner is not foreign there.
  void observe_lineages() {
    for (const LineageConfig& lineage : shop_.settings.lineages) {
      const bool shares = std::any_of(lineage.tlsa.begin(), lineage.tlsa.end(), [&](const DnsName& owner) {
        return look_of(dns_.seen().owners, owner) != nullptr;
      });
      if (!shares) continue;
      auto facts = facts_of(lineage);
      if (facts) {
        note_names_of(lineage, seen_.size());
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
    return observe(shop_, lineage, *std::move(state), own_look(lineage, dns_.seen()));
  }

  void ask_servers() {
    std::set<std::string> known;  // one server may be asked for by several
    const auto want = [&](const std::string& lineage, const ProbeUrl& url) {
      if (known.insert(url.text()).second) probed_.push_back({lineage, {url, {}}});
    };
    for (const LineageConfig& lineage : subjects_.lineages) {
      for (const ProbeUrl& url : lineage.probe) want(lineage.name, url);
    }
    for (const ProbeUrl& url : servers_) want({}, url);
    std::map<const Config*, std::vector<Probed*>> ways;
    for (Probed& probed : probed_) ways[&dns_.config_for(probed.result.url.owner())].push_back(&probed);
    for (const auto& [config, probed] : ways) ask_servers(*config, probed);
    for (const Probed& probed : probed_) {
      asked_first_[dns_.used().first(probed.result.url.owner())].push_back(&probed);
      if (const auto owner = checked_with(probed)) {
        of_owner_[*owner].push_back(&probed);
      } else {
        of_no_owner_[probed.lineage].push_back(&probed);
      }
    }
  }

  void ask_servers(const Config& config, const std::vector<Probed*>& wanted) {
    std::vector<ProbeUrl> urls;
    urls.reserve(wanted.size());
    for (const Probed* one : wanted) urls.push_back(as_senders_ask(one->result.url));
    auto results = shop_.world.probe(config)->probe(urls, [this](std::size_t done, std::size_t all) {
      bar_.draw(fmt::format("asking servers: {} of {} addresses", done, all));
    });
    for (std::size_t i = 0; i < results.size(); ++i) wanted[i]->result.addresses = std::move(results[i].addresses);
  }

  // They send the name that the records are of (RFC 7672 section 8.1), which a host that is an alias may not know.
  [[nodiscard]] ProbeUrl as_senders_ask(ProbeUrl url) const {
    if (const auto parts = parse_owner(dns_.used_look(url.owner()).owner)) url.host = parts->host;
    return url;
  }

  [[nodiscard]] std::vector<LineageFacts> all_facts() const {
    std::vector<LineageFacts> all;
    for (const Seen& seen : seen_) all.push_back({seen.lineage, seen.facts});
    return all;
  }

  // Also those whose owner is another alias of the same name: the records are theirs, too.
  [[nodiscard]] std::vector<LineageFacts> facts_on(const OwnerLook& look) const {
    std::set<std::size_t> indices;
    if (const auto found = by_owner_.find(look.owner); found != by_owner_.end()) indices = found->second;
    if (const auto found = by_end_.find(look.canonical()); found != by_end_.end()) {
      indices.insert(found->second.begin(), found->second.end());
    }
    std::vector<LineageFacts> sharing;
    sharing.reserve(indices.size());
    for (const std::size_t index : indices) sharing.push_back({seen_[index].lineage, seen_[index].facts});
    return sharing;
  }

  void note_names_of(const LineageConfig& lineage, std::size_t index) {
    for (const DnsName& owner : lineage.tlsa) {
      by_owner_[owner].insert(index);
      if (const OwnerLook* const look = look_of(dns_.seen().owners, owner)) by_end_[look->canonical()].insert(index);
    }
  }

  void check_owner(const DnsName& owner) {
    const OwnerLook& look = *look_of(dns_.seen().owners, owner);
    const OwnerLook& used = dns_.used_look(owner);
    std::vector<LineageFacts> lineages = facts_on(look);
    std::vector<std::string> names;
    for (const LineageFacts& one : lineages) {
      if (chosen(one.lineage.name) && is_on(one.lineage, owner)) names.push_back(one.lineage.name);
    }
    const Seconds hold_down = longest_hold_down(used, lineages);
    if (&used == &look) {
      add(dns_.with_second_look(owner, check_dns({look, dns_.inspection(), hold_down, now_.wall, nullptr, names})));
    } else {
      add(dns_.with_second_look(owner, check_host({look, dns_.inspection(), hold_down, now_.wall, &used, names})));
      if (!is_checked(used.owner)) {
        add(dns_.with_second_look(used.owner, check_dns({used, dns_.inspection_of(used), hold_down, now_.wall})));
      }
    }
    check_records_of(owner, used, lineages);
    for (const Probed* probed : at(of_owner_, owner)) check_probe(*probed, lineages);
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
    for (const Probed* probed : at(asked_first_, dns_.used().first(owner))) {
      take_chains(with_sni, probed->result, ServerName::sent);
      take_chains(without_sni, probed->result, ServerName::not_sent);
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
    const DnsName& first = dns_.used().first(owner);
    return is_checked(first) ? std::optional<DnsName>(first) : std::nullopt;
  }

  void check_probe(const Probed& probed, const std::vector<LineageFacts>& lineages) {
    std::vector<std::string> mail_domains;
    for (const MxInspection& mx : dns_.inspection().mx) {
      const bool secure = mx.host == probed.result.url.host && mx.dnssec == Dnssec::secure;
      if (secure) mail_domains.push_back(mx.domain.text());
    }
    LiveCheck check{probed.result, probed.lineage, dns_.used_look(probed.result.url.owner()),
                    lineages,      now_.wall,      std::move(mail_domains)};
    check.holder = [this](const KeyId& key) { return key_holders(shop_).of(key); };
    check.limits = shop_.config().check;
    check.loaded = loaded_;
    LiveReport live = check_live(check);
    add(std::move(live.findings));
    std::move(live.endpoints.begin(), live.endpoints.end(), std::back_inserter(report_.endpoints));
  }

  void check_lineage(const LineageFacts& lineage) {
    const Look look = own_look(lineage.lineage, dns_.seen());
    add(check_owners_agree(lineage, look.owners));
    std::vector<DnsName> asked;
    for (const DnsName& owner : lineage.lineage.tlsa) {
      if (asked_first_.contains(dns_.used().first(owner))) asked.push_back(owner);
    }
    add(check_ahead({lineage, look.owners, shop_.config().check, find_deploy_hook(shop_, lineage.lineage.name),
                     report_.last_run, now_, std::move(asked), [this] { return how_to_start_timer(shop_); },
                     how_to_install_hook(shop_)}));
    add(check_loaded(loaded_, lineage.lineage));
    for (const Probed* probed : at(of_no_owner_, lineage.lineage.name)) check_probe(*probed, {lineage});
    report_.lineages.push_back(gauges_of(lineage.facts));
  }

  // What the steps to come need of this host.
  void check_setup() {
    add(look_at_reloads(shop_, subjects_.lineages).findings);
    add(look_at_publishing(shop_, owners_of(subjects_.lineages)).findings);
    add(look_at_permissions(shop_, subjects_.lineages).findings);
  }

  [[nodiscard]] bool is_checked(const DnsName& owner) const {
    return std::binary_search(checked_owners_.begin(), checked_owners_.end(), owner);
  }

  template <class Key>
  static std::vector<const Probed*> at(const std::map<Key, std::vector<const Probed*>>& probed, const Key& key) {
    const auto found = probed.find(key);
    return found == probed.end() ? std::vector<const Probed*>{} : found->second;
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

  static LineageGauges gauges_of(const Facts& facts) {
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

  const Workshop& shop_;
  const Subjects& subjects_;
  ProgressLine bar_;
  std::set<std::string> chosen_;         // names of the lineages
  std::vector<DnsName> checked_owners_;  // sorted
  DomainLooks mail_;
  DnsView dns_;
  std::vector<ProbeUrl> servers_;  // on the command line, and hosts of its domains
  Instant now_;
  std::deque<Seen> seen_;
  // The lineages, as indices of seen_: by their owners, and by where the aliases of those end.
  std::map<DnsName, std::set<std::size_t>> by_owner_;
  std::map<DnsName, std::set<std::size_t>> by_end_;
  std::vector<Probed> probed_;
  // The same by what senders ask first, by the checked owner that each tells of, and those that tell of none by
  // lineage.
  std::map<DnsName, std::vector<const Probed*>> asked_first_;
  std::map<DnsName, std::vector<const Probed*>> of_owner_;
  std::map<std::string, std::vector<const Probed*>> of_no_owner_;
  LoadedFiles loaded_;
  CheckReport report_;
};

}  // namespace

CheckReport watch(const Workshop& shop, const Subjects& subjects) {
  return Watch(shop, subjects).report();
}

}  // namespace danectl
