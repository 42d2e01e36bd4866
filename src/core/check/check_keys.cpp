#include "core/check/check_keys.hpp"

#include "core/check/check_name_servers.hpp"
#include "core/keys/dane_verify.hpp"
#include "core/keys/usable.hpp"
#include "core/rollover/chain_view.hpp"
#include "core/rollover/objection_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace danectl {
namespace {

using std::chrono::hours;

// Records are published within a day, by whomever, and then wait for one hold-down (RFC 7671 section 8.1). What takes
// twice that does not wait for time: a break in visibility keeps starting the clock again.
Milliseconds patience_with_next(Milliseconds hold_down) {
  return std::max<Milliseconds>(hours{24}, 2 * hold_down);
}

// The timer runs many times a day, and name servers may be away for a night.
constexpr Milliseconds patience_with_retiring = hours{48};

class KeyFindings {
 public:
  KeyFindings(const RecordsCheck& check, const LineageFacts& lineage)
      : check_(check), look_(check.look), lineage_(lineage.lineage), facts_(lineage.facts) {
    if (const auto parts = parse_owner(look_.owner)) host_ = parts->host.text();
  }

  std::vector<Finding> all() {
    current();
    next();
    retiring();
    return std::move(findings_);
  }

 private:
  void add(FindingId id, Severity severity, std::string message, std::string remedy, std::string address = {}) {
    findings_.push_back({id,
                         severity,
                         lineage_.name,
                         look_.owner.text(),
                         {},
                         std::move(address),
                         std::move(message),
                         std::move(remedy)});
  }

  // An association of these keys that some validated answers lack, and where; nothing: they have all.
  [[nodiscard]] std::optional<std::string> lacking(const ChainKeys& keys) const {
    for (const Association& association : associations_of(keys, lineage_.profile)) {
      std::vector<std::string> servers;
      for (const ServerAnswer& answer : look_.answers) {
        if (!is_validated(answer)) continue;
        const auto missing = shortfall(look_, answer, association);
        if (!missing) continue;
        const std::string server = server_text(answer.server, answer.address);
        servers.push_back(is_at_the_end(answer) ? server : fmt::format("{}, where {}", server, *missing));
      }
      if (!servers.empty()) return fmt::format("{} is not at {}", association.text(), fmt::join(servers, ", "));
    }
    return std::nullopt;
  }

  [[nodiscard]] bool is_at_the_end(const ServerAnswer& answer) const {
    return !answer.cname && answer.qname == look_.canonical();
  }

  // Those with usable records of which none lets the deployed chain pass: who asks there holds the mail. One without
  // any makes senders deliver as if there were no DANE.
  [[nodiscard]] std::vector<const ServerAnswer*> turning_mail_away() const {
    const ChainView deployed{"the deployed chain", KnownChain{shared(facts_.deployed->chain)}, {host_}};
    std::vector<const ServerAnswer*> answers;
    for (const ServerAnswer& answer : look_.answers) {
      if (!is_validated(answer) || !is_at_the_end(answer)) continue;
      if (!passes(deployed, answer.records, Sender{}, check_.now.wall)) answers.push_back(&answer);
    }
    return answers;
  }

  void current() {
    if (!facts_.deployed) return;  // check_ahead says so
    const ChainKeys keys = keys_of_deployed(facts_.deployed->chain, lineage_, facts_.state);
    const auto missing = lacking(keys);
    const auto answers = turning_mail_away();
    if (!answers.empty()) return held(keys, answers, missing.has_value() ? Because::lacking : Because::hidden);
    if (!missing) return;
    add(FindingId::current_not_published, Severity::warning,
        fmt::format("a record of the current key is not published everywhere: {}", *missing), cure_of_missing());
  }

  [[nodiscard]] std::string cure_of_missing() const {
    if (!would_begin_blind()) return how_to_publish(check_, lineage_);
    return "first have the server present the deployed chain: the first record switches DANE on for every sender";
  }

  // No usable record is there, and a server is known to present a key that no lineage of the owner deploys.
  [[nodiscard]] bool would_begin_blind() const {
    for (const RRset& rrset : distinct_rrsets(look_)) {
      if (std::any_of(rrset.begin(), rrset.end(), usable)) return false;
    }
    return std::any_of(check_.presented.begin(), check_.presented.end(), [&](const Chain& chain) {
      return std::none_of(check_.lineages.begin(), check_.lineages.end(), [&](const LineageFacts& one) {
        return one.facts.deployed && one.facts.deployed->chain.leaf().key == chain.leaf().key;
      });
    });
  }

  enum class Because { lacking, hidden };

  void held(const ChainKeys& keys, const std::vector<const ServerAnswer*>& answers, Because because) {
    std::vector<std::string> servers;
    servers.reserve(answers.size());
    for (const ServerAnswer* answer : answers) servers.push_back(server_text(answer->server, answer->address));
    const std::string address = answers.size() == 1 ? answers.front()->address : std::string{};
    const RRset hiding = records_in_the_way(keys, lineage_.profile, answers.front()->records);
    if (because == Because::hidden && !hiding.empty()) {
      return add(FindingId::current_not_published, Severity::critical,
                 fmt::format("{} at {} hides the record of the current key, so senders that check DANE hold the mail: "
                             "of several digests they use the strongest alone (RFC 7671 section 9)",
                             hiding.front().text(), fmt::join(servers, ", ")),
                 fmt::format("put \"{}\" into the profile and danectl publish {}, or delete that record",
                             hiding.front().group.text(), lineage_.name),
                 address);
    }
    if (because == Because::hidden) {
      const auto match = dane_verify(facts_.deployed->chain, answers.front()->records, {host_}, check_.now.wall);
      return add(
          FindingId::current_not_published, Severity::critical,
          fmt::format("the records at {} are those of the deployed chain, and it does not pass, so senders that "
                      "check DANE hold the mail: {}",
                      fmt::join(servers, ", "), match ? "" : match.error().what),
          fmt::format("names and dates count where an issuer is named: renew the certificate with {} in it", host_),
          address);
    }
    add(FindingId::current_not_published, Severity::critical,
        fmt::format("no record at {} is of the current {} {}, so senders that check DANE hold the mail",
                    fmt::join(servers, ", "), lineage_.names_keys() ? "key" : "issuer",
                    lineage_.names_keys() || !keys.anchor ? keys.key.sha256 : keys.anchor->sha256),
        how_to_publish(check_, lineage_), address);
  }

  void next() {
    if (!facts_.next) return;
    if (const auto missing = lacking(keys_of_next(*facts_.next, lineage_))) {
      return add(FindingId::next_not_published, Severity::warning,
                 fmt::format("a record of the next key is not published everywhere: {}", *missing), cure_of_missing());
    }
    if (!facts_.state.next) return;
    const Milliseconds waited = elapsed(facts_.state.next->staged_at, check_.now);
    const Readiness& way = facts_.next->way;
    if (way.ready() || is_only_silence(way) || waited <= patience_with_next(way.hold_down)) return;
    const auto here = std::find_if(way.objections.begin(), way.objections.end(),
                                   [&](const Objection& one) { return one.owner == look_.owner; });
    if (here == way.objections.end()) return;
    add(FindingId::next_not_ready, Severity::warning,
        fmt::format("the next key was staged {} ago and is still not ready: {}", human_duration(waited),
                    objection_text(*here)),
        fmt::format("danectl status {} says what it waits for", lineage_.name));
  }

  // A server that gives no answer just now has findings of its own.
  static bool is_only_silence(const Readiness& way) {
    return std::all_of(way.objections.begin(), way.objections.end(),
                       [](const Objection& one) { return one.kind == Objection::Kind::silent; });
  }

  // At a name that lineages share each tells of its own keys alone.
  [[nodiscard]] bool had(const Association& record) const {
    return std::any_of(facts_.state.known.begin(), facts_.state.known.end(),
                       [&](const KnownKey& known) { return contains(records_of(known), record); });
  }

  void retiring() {
    for (const PlaceFact& place : facts_.places) {
      if (place.place.name != look_.canonical()) continue;
      for (const RetiringFact& one : place.retiring) {
        if (!one.since || !had(one.record)) continue;
        const Milliseconds waited = elapsed(*one.since, check_.now);
        if (waited <= lineage_.retire_after + patience_with_retiring) continue;
        add(FindingId::retiring_overdue, Severity::warning,
            fmt::format("{} is retiring since {} and still published: {}", one.record.text(),
                        to_rfc3339(one.since->wall), one.why),
            fmt::format("danectl retire {}, which says what holds it back", lineage_.name));
      }
    }
  }

  const RecordsCheck& check_;
  const OwnerLook& look_;
  const LineageConfig& lineage_;
  const Facts& facts_;
  std::string host_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_keys(const RecordsCheck& check, const LineageFacts& lineage) {
  return KeyFindings(check, lineage).all();
}

std::string how_to_publish(const std::string& lineage) {
  return fmt::format("danectl publish {0}, or publish by hand what danectl records {0} prints", lineage);
}

std::string how_to_publish(const RecordsCheck& check, const LineageConfig& lineage) {
  const DnsName& owner = check.look.owner;
  if (!check.in_place_of || is_on(lineage, owner)) return how_to_publish(lineage.name);
  return how_to_move(owner, *check.in_place_of, lineage.name);
}

}  // namespace danectl
