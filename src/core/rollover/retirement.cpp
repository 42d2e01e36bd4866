#include "core/rollover/retirement.hpp"

#include "core/keys/dane_verify.hpp"
#include "core/keys/usable.hpp"
#include "core/rollover/publication.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

using Verdict = Retirement::Verdict;

constexpr std::uint8_t trust_anchor_usages[] = {0, 2};

bool is_on(const LineageConfig& lineage, const DnsName& owner) {
  return std::find(lineage.tlsa.begin(), lineage.tlsa.end(), owner) != lineage.tlsa.end();
}

bool wants(const LineageWants& wants, const DnsName& owner, const Association& association) {
  return is_on(wants.lineage, owner) && contains(wanted_associations(wants), association);
}

bool deploys(const LineageWants& one, const Association& association) {
  return one.state.current && contains(associations_of(one.state.current->keys(), one.lineage.profile), association);
}

// As the owner will look when the record has gone.
OwnerLook without(OwnerLook look, const Association& association) {
  std::erase(look.resolver_records, association);
  for (ServerAnswer& answer : look.answers) std::erase(answer.records, association);
  return look;
}

// Why a chain would not pass at one of the lineage's hosts without the record. One of the issuer that is ready may
// still not match, by the names or the dates of the chain. Senders that do not know SHA-512 and fail already are no
// reason.
std::optional<std::string> not_passing(const Chain& chain, const LineageWants& one, const OwnerLook& before,
                                       const Association& deleted, WallTime now) {
  for (const RRset& published : distinct_rrsets(before)) {
    RRset left = published;
    std::erase(left, deleted);
    const std::vector<RRset> seen_before = as_clients_see(published);
    const std::vector<RRset> seen = as_clients_see(left);
    for (const std::string& host : one.hosts_at(before.owner)) {
      for (std::size_t i = 0; i < seen.size(); ++i) {
        const auto match = dane_verify(chain, seen[i], {host}, now);
        const bool failed_already = i > 0 && i < seen_before.size() && !dane_verify(chain, seen_before[i], {host}, now);
        if (!match && !failed_already) return match.error().what;
      }
    }
  }
  return std::nullopt;
}

// What the current key relies on: under its profile, and under every other digest that is published and that it does
// not miss already.
std::vector<Association> relied_on_now(const LineageWants& one, const OwnerLook& before, const OwnerLook& after) {
  const std::vector<Group>& profile = one.lineage.profile;
  std::vector<Association> current = relied_on(one.state.current->keys(), profile, {after});
  const std::vector<RRset> published = distinct_rrsets(before);
  std::erase_if(current, [&](const Association& association) {
    const bool counts = std::any_of(profile.begin(), profile.end(), [&](const Group& group) {
      return group == association.group || hides(association.group, group);
    });
    return !counts && std::none_of(published.begin(), published.end(),
                                   [&](const RRset& rrset) { return contains(rrset, association); });
  });
  return current;
}

// Senders must still find a record that each lineage's deployed chain matches, and have had the time to learn of it.
std::optional<std::string> lineage_without_record(const RetirementInput& input, const OwnerLook& before,
                                                  const Association& deleted) {
  const OwnerLook look = without(before, deleted);
  for (const LineageWants& one : input.sharing) {
    if (!is_on(one.lineage, look.owner)) continue;
    if (!one.state.current) return fmt::format("nothing is known of the current key of {}", one.lineage.name);
    const auto current = relied_on_now(one, before, look);
    const GateAnswer answer =
        gate({ledger_of(one.state, look.owner)}, {look}, current, one.lineage.min_hold, HoldDown::required, input.now);
    if (answer.ready()) {
      if (one.deployed == nullptr) continue;
      const auto reason = not_passing(*one.deployed, one, before, deleted, input.now.wall);
      if (!reason) continue;
      return fmt::format("the deployed chain of {} does not pass by the records that would be left: {}",
                         one.lineage.name, *reason);
    }
    const auto blocked = std::find_if(answer.each.begin(), answer.each.end(),
                                      [](const Readiness& readiness) { return !readiness.ready(); });
    if (blocked == answer.each.end()) return fmt::format("{} has no record to keep", one.lineage.name);
    const std::string why =
        blocked->blocked_by.empty() ? std::string("its hold-down is running") : blocked->blocked_by.front();
    return fmt::format("the record of the current key of {} is not ready: {}", one.lineage.name, why);
  }
  return std::nullopt;
}

bool sends(const Chain& chain, const KeyId& issuer) {
  return std::any_of(chain.certificates.begin() + 1, chain.certificates.end(),
                     [&](const Certificate& certificate) { return certificate.key == issuer; });
}

// The current records of a lineage stay, and were found ready: a further record of a chain that all of them match may
// go. It has to pass by them, too: those of the issuer match no chain for other names, nor one that has expired.
bool is_covered(const RetirementInput& input, const Chain& chain, const OwnerLook& look,
                const Association& association) {
  return std::any_of(input.sharing.begin(), input.sharing.end(), [&](const LineageWants& one) {
    if (!is_on(one.lineage, look.owner) || !one.state.current) return false;
    const ChainKeys keys = one.state.current->keys();
    if (one.lineage.names_keys() && !(chain.leaf().key == keys.key)) return false;
    if (one.lineage.names_issuers() && !(keys.anchor && sends(chain, *keys.anchor))) return false;
    return !not_passing(chain, one, look, association, input.now.wall);
  });
}

std::optional<std::string> presented_by_a_server(const RetirementInput& input, const OwnerLook& look,
                                                 const Association& association) {
  const Presented& presented = *input.presented;
  for (const Chain& chain : presented.chains) {
    if (is_covered(input, chain, look, association)) continue;
    if (shows(chain, association, input.now.wall))
      return "a server still presents its key: it has not loaded the new one";
  }
  if (!presented.unknown.empty()) {
    return "whether a server still presents its key is not known: " + presented.unknown.front();
  }
  return std::nullopt;
}

bool any_probe(const RetirementInput& input, const DnsName& owner) {
  return std::any_of(input.sharing.begin(), input.sharing.end(),
                     [&](const LineageWants& one) { return is_on(one.lineage, owner) && !one.lineage.probe.empty(); });
}

// What holds a record whose time is over.
Retirement when_time_is_over(const RetirementInput& input, Retirement result, Served served) {
  const RetiringRecord& record = result.record;
  const OwnerLook* look = look_of(input.looks, record.owner);
  result.verdict = Verdict::held;
  result.in_its_time = false;
  if (look == nullptr || look->chain.empty()) {
    result.why = look == nullptr || look->why.empty() ? "DNS was not asked" : look->why;
    return result;
  }
  if (absent_everywhere(*look, record.association))
    return {record, Verdict::gone, "no server has it any more", {}, false};
  if (auto reason = lineage_without_record(input, *look, record.association)) {
    result.why = *reason;
    return result;
  }
  const bool asks = any_probe(input, record.owner) && served == Served::perhaps;
  if (asks && input.presented == nullptr)
    return {record, Verdict::ask_servers, "if no server presents its key", {}, false};
  if (asks) {
    if (auto reason = presented_by_a_server(input, *look, record.association)) {
      result.why = *reason;
      return result;
    }
  }
  result.verdict = Verdict::due;
  result.why = served == Served::never ? "its key was never deployed" : "no server needs it any more";
  return result;
}

// Why a lineage has to wait with a record that one of its servers may have been given the key of.
std::optional<Retirement> waiting(const RetirementInput& input, const RetiringRecord& record,
                                  const LineageConfig& lineage, const State& state) {
  Retirement result{record, Verdict::waiting, {}, {}};
  const std::string whose = lineage.name == input.lineage.name ? "" : " of " + lineage.name;
  if (state.pending.reload_since) {
    result.verdict = Verdict::held;
    result.why = fmt::format("a reload{} is pending: servers may still present its key", whose);
    return result;
  }
  const Instant& since = record.reloaded_at ? *record.reloaded_at : record.since;
  if (record.decided) return std::nullopt;
  const Milliseconds left = lineage.retire_after - elapsed(since, input.now);
  if (left > Milliseconds{0} && input.rule != RetireRule::now_by_a_person) {
    result.why = fmt::format("servers may still present its key (retire_after{} {})", whose,
                             human_duration(lineage.retire_after));
    result.when = std::max(since.wall + lineage.retire_after, input.now.wall + left);
    return result;
  }
  if (input.rule == RetireRule::unattended && lineage.reload.empty() && !any_probe(input, record.owner)) {
    // All of the key's: one that the profile wants since a moment is absent, too.
    const OwnerLook* look = look_of(input.looks, record.owner);
    const bool gone =
        look != nullptr && std::all_of(state.retiring.begin(), state.retiring.end(), [&](const RetiringRecord& other) {
          return other.owner != record.owner || other.key != record.key || absent_everywhere(*look, other.association);
        });
    if (gone) return Retirement{record, Verdict::gone, "no server has it any more", {}, false};
    result.why = fmt::format(
        "without `reload` and `probe` nothing tells that servers have the new key: danectl retire {} when they do",
        lineage.name);
    return result;
  }
  return std::nullopt;
}

// Those of the other lineages on the owner that are retiring the same record, since servers may have its key.
template <class Use>
void for_each_other(const RetirementInput& input, const RetiringRecord& record, const Use& use) {
  for (const LineageWants& one : input.sharing) {
    if (one.lineage.name == input.lineage.name) continue;
    for (const RetiringRecord& known : one.state.retiring) {
      const bool same = known.owner == record.owner && known.association == record.association;
      if (same && known.served == Served::perhaps) use(one, known);
    }
  }
}

bool is_going(const RetirementInput& input, const RetiringRecord& record) {
  const OwnerLook* look = look_of(input.looks, record.owner);
  return look != nullptr && contains(ledger_of(input.state, record.owner).withdrawn, record.association) &&
         sighting(*look, record.association).presence == Presence::lacking;
}

Retirement judge(const RetirementInput& input, const RetiringRecord& record) {
  if (!is_on(input.lineage, record.owner)) return {record, Verdict::waiting, "its owner is not in `tlsa` now", {}};
  if (is_going(input, record)) {
    return {record, Verdict::going, "it is deleted, and not every name server has followed yet", {}, false};
  }
  Served served = record.served;
  std::optional<Retirement> waits;
  if (served == Served::perhaps) waits = waiting(input, record, input.lineage, input.state);
  for_each_other(input, record, [&](const LineageWants& one, const RetiringRecord& known) {
    served = Served::perhaps;
    if (!waits) waits = waiting(input, known, one.lineage, one.state);
  });
  if (waits) {
    waits->record = record;
    return *waits;
  }
  for (const LineageWants& one : input.sharing) {
    if (!wants(one, record.owner, record.association)) continue;
    // What it deploys it will retire as this one would; what it only keeps ready it may drop as never deployed.
    const auto verdict = deploys(one, record.association) ? Verdict::gone : Verdict::waiting;
    return {record, verdict, fmt::format("{} wants it", one.lineage.name), {}};
  }
  return when_time_is_over(input, {record, Verdict::waiting, {}, {}}, served);
}

}  // namespace

std::vector<Retirement> retirements(const RetirementInput& input) {
  const auto goes = [](const Retirement& one) {
    return one.verdict == Verdict::due || one.verdict == Verdict::ask_servers;
  };
  // They are deleted together: each must be dispensable beside those before it, too.
  std::vector<OwnerLook> left = input.looks;
  const RetirementInput beside_others{input.lineage, input.state,     input.sharing, left,
                                      input.rule,    input.presented, input.now};
  std::vector<Retirement> results;
  for (const RetiringRecord& record : input.state.retiring) {
    results.push_back(judge(input, record));
    if (!goes(results.back())) continue;
    results.back() = judge(beside_others, record);
    if (!goes(results.back())) continue;
    for (OwnerLook& look : left) {
      if (look.owner == record.owner) look = without(std::move(look), record.association);
    }
  }
  return results;
}

Retirement foreign_retirement(const RetirementInput& input, const DnsName& owner, const Association& association) {
  const RetiringRecord record{owner, association, input.now, Served::perhaps, std::nullopt, std::nullopt};
  Retirement result{record, Verdict::held, {}, {}};
  for (const LineageWants& one : input.sharing) {
    if (wants(one, owner, association)) {
      result.why = fmt::format("it is a record of {}, and wanted", one.lineage.name);
      return result;
    }
    for (const RetiringRecord& known : one.state.retiring) {
      if (known.owner != owner || known.association != association) continue;
      result.why = fmt::format("it is retiring: danectl retire {}", one.lineage.name);
      return result;
    }
  }
  return when_time_is_over(input, std::move(result), Served::perhaps);
}

bool shows(const Chain& chain, const Association& association, WallTime now) {
  const bool of_an_issuer = std::find(std::begin(trust_anchor_usages), std::end(trust_anchor_usages),
                                      association.group.usage) != std::end(trust_anchor_usages);
  // Asked of each certificate alone and as an end entity, so that neither dates nor names hide a match.
  Association alone = association;
  alone.group.usage = 3;
  for (const Certificate& certificate : chain.certificates) {
    if (dane_verify(Chain{{certificate}}, {alone}, {}, now)) return true;
    if (!of_an_issuer) break;
  }
  return false;
}

}  // namespace danectl
