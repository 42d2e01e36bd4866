#include "app/publish/asking_servers.hpp"

#include "core/keys/dane_verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace danectl {
namespace {

// One handshake or failure, with the words that name it.
struct Answer {
  std::string server;  // "smtp://mx.example.com:25 (192.0.2.25)"
  std::optional<Chain> chain;
  std::string why;  // when there is no chain
};

std::vector<Answer> answers_of(const std::vector<ProbeResult>& results) {
  std::vector<Answer> answers;
  for (const ProbeResult& result : results) {
    const std::size_t before = answers.size();
    std::string left_out;
    for (const ProbedAddress& address : result.addresses) {
      const std::string server =
          address.address.empty() ? result.url.text() : fmt::format("{} ({})", result.url.text(), address.address);
      if (address.kind == ProbedAddress::Kind::left_out) left_out = fmt::format("{}: {}", server, address.why);
      if (address.kind == ProbedAddress::Kind::failed) answers.push_back({server, std::nullopt, address.why});
      bool presented = false;
      for (const Handshake& handshake : address.handshakes) {
        if (handshake.kind == Handshake::Kind::presented) answers.push_back({server, handshake.chain, {}});
        if (handshake.kind == Handshake::Kind::failed) answers.push_back({server, std::nullopt, handshake.why});
        presented = presented || handshake.kind == Handshake::Kind::presented;
      }
      if (!presented && address.kind == ProbedAddress::Kind::probed) {
        answers.push_back({server, std::nullopt, "it presents no certificate at all"});
      }
    }
    // Nothing but addresses without a route: nobody was asked.
    if (answers.size() == before) answers.push_back({result.url.text(), std::nullopt, left_out});
  }
  return answers;
}

std::vector<ProbeResult> probe(const Workshop& shop, const std::vector<ProbeUrl>& urls) {
  if (urls.empty()) return {};
  return shop.world.probe(shop.config())->probe(urls);
}

// Whole, and by each group: a sender may know only one (RFC 7671 section 8).
Status authenticates(const RRset& records, const Chain& chain, const DnsName& host, WallTime now) {
  const auto whole = dane_verify(chain, records, {host.text()}, now);
  if (!whole) return whole.error();
  for (const auto& [group, match] : dane_verify_groups(chain, records, {host.text()}, now)) {
    if (!match) return failed(fmt::format("{}: {}", group.text(), match.error().what));
  }
  return {};
}

}  // namespace

Presented ask_servers(const Workshop& shop, const std::vector<ProbeUrl>& probes) {
  Presented presented;
  for (const Answer& answer : answers_of(probe(shop, probes))) {
    if (answer.chain) {
      presented.chains.push_back(*answer.chain);
    } else {
      presented.unknown.push_back(fmt::format("{}: {}", answer.server, answer.why));
    }
  }
  return presented;
}

namespace {

std::string what_begins(const RRsetChange& change) {
  return change.before == RRsetChange::Before::dane_is_off
             ? "where no usable record is yet: the first one switches DANE on"
             : "where no usable record but of SHA-512 is yet: the first of SHA-256 switches DANE on for senders that "
               "know only that";
}

// Beside SHA-512 a renewed one may wait for a record that waits for it: only the records of its key lead out of that.
std::string what_else_helps(const LineageConfig& lineage, const RRsetChange& change) {
  if (change.before == RRsetChange::Before::dane_is_off) return "take the owner out of `tlsa`";
  return lineage.names_keys() ? "take the lines of usage 2 out of the profile until one with it is deployed"
                              : "have the profile \"3 1 2\" until one with it is deployed";
}

// Where the records name issuers alone, the certificate's names and dates decide: no probe is needed to know those.
Status may_begin_by_names(const Workshop& shop, const LineageWants& one, const RRsetChange& change, WallTime now) {
  if (one.deployed == nullptr) return {};
  const auto records = associations_of(keys_of_deployed(*one.deployed, one.lineage, one.state), one.lineage.profile);
  for (const DnsName& owner : one.lineage.tlsa) {
    if (shop.aliases->canonical(owner) != change.owner) continue;
    for (const std::string& host : one.hosts_at(owner)) {
      for (const RRset& seen : as_clients_see(records)) {
        const auto good = dane_verify(*one.deployed, seen, {host}, now);
        if (good) continue;
        return not_yet(
            fmt::format("not published at {}, {}, and the deployed chain of {} would not pass: {}", change.owner.text(),
                        what_begins(change), one.lineage.name, good.error().what),
            fmt::format("renew the certificate with {} in it, or {}", host, what_else_helps(one.lineage, change)));
      }
    }
  }
  return {};
}

// Where no probe shows what servers present: one that has not reloaded may have a chain with other names or dates. The
// key of before would match, its records are published beside.
Status may_begin_unseen(const LineageWants& one, const RRsetChange& change) {
  const bool by_key_alone = one.deployed == nullptr;
  if (by_key_alone || !one.lineage.probe.empty() || !one.state.pending.reload_since) return {};
  return not_yet(fmt::format("not published at {}, {}, and a reload of {} is pending: its servers may still present "
                             "the chain of before",
                             change.owner.text(), what_begins(change), one.lineage.name),
                 fmt::format("danectl promote {} tries the reload again", one.lineage.name));
}

Status may_begin(const Workshop& shop, const Sharing& sharing, const RRsetChange& change) {
  for (const LineageWants& one : sharing.wants()) {
    if (auto good = may_begin_by_names(shop, one, change, shop.world.clock.now().wall); !good) return good;
    if (auto good = may_begin_unseen(one, change); !good) return good;
  }
  const std::vector<ProbeUrl> urls = sharing.probes();
  const std::vector<ProbeResult> results = probe(shop, urls);
  RRset records = change.add;
  for (const Association& other : without_what_begins(change).add) std::erase(records, other);
  std::sort(records.begin(), records.end());
  const WallTime now = shop.world.clock.now().wall;
  for (const ProbeResult& result : results) {
    for (const Answer& answer : answers_of({result})) {
      std::string why = answer.why;
      if (answer.chain) {
        const auto good = authenticates(records, *answer.chain, result.url.host, now);
        if (good) continue;
        why = fmt::format("it presents the key {}: {}", answer.chain->leaf().key.sha256, good.error().what);
      }
      return not_yet(
          fmt::format("not published at {}, {}, and not every server presents a chain that it matches\n  {}: {}",
                      change.owner.text(), what_begins(change), answer.server, why),
          fmt::format("point the server at the lineage's folder in {} and reload it; it is published once every "
                      "probe shows that",
                      shop.paths().live_root()));
    }
  }
  return {};
}

}  // namespace

Status hold_back_what_begins(const Workshop& shop, const Sharing& sharing, std::vector<RRsetChange>& changes) {
  Status held;
  for (RRsetChange& change : changes) {
    if (!change.begins()) continue;
    if (auto begun = may_begin(shop, sharing, change); !begun) {
      held = begun;
      change = without_what_begins(std::move(change));
    }
  }
  std::erase_if(changes, [](const RRsetChange& change) { return change.add.empty(); });
  return held;
}

void warn_of_other_keys(const Workshop& shop, const LineageConfig& lineage, const State& state) {
  if (!state.current) return;
  // Beside the deployed key a server may have one of another kind, of another lineage: only a key of before is amiss.
  const std::vector<Answer> answers = answers_of(probe(shop, lineage.probe));
  std::set<std::string> with_it;
  for (const Answer& answer : answers) {
    if (answer.chain && answer.chain->leaf().key == state.current->key) with_it.insert(answer.server);
  }
  std::set<std::string> said;
  for (const Answer& answer : answers) {
    const bool amiss =
        !with_it.contains(answer.server) || (answer.chain && was_current(state, answer.chain->leaf().key));
    if (!amiss || !said.insert(answer.server).second) continue;
    const std::string what =
        !answer.chain ? answer.why : fmt::format("it presents the key {}", answer.chain->leaf().key.sha256);
    shop.output.warn(
        fmt::format("{}: {} is not seen to present the deployed key: {}", lineage.name, answer.server, what),
        lineage.reload.empty() ? "reload it, and put the command into `reload` of the lineage; its old record stays "
                                 "published until it does"
                               : "its old record stays published until it does");
  }
}

}  // namespace danectl
