#include "app/publish/asking_servers.hpp"

#include "core/check/check_handshakes.hpp"
#include "core/rollover/objection_text.hpp"
#include "core/rollover/state.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

namespace danectl {
namespace {

// A reload's command ends before the last process with the old key does, and a restart leaves a moment without any.
constexpr Milliseconds longest_reload{5000};
constexpr Milliseconds between_questions{1000};

// One handshake or failure, with the words that name it.
struct Answer {
  std::string server;  // "smtp://mx.example.com:25 (192.0.2.25)"
  std::optional<Chain> chain;
  std::string why;  // when there is no chain
  ServerName server_name = ServerName::sent;
  std::string remedy{};  // when there is no chain; empty: none is known
};

Answer answer_of(const std::string& server, const Handshake& handshake) {
  if (handshake.kind == Handshake::Kind::presented) return {server, handshake.chain, {}, handshake.server_name};
  return {server, std::nullopt, handshake.why, handshake.server_name,
          handshake.refused_for_now ? how_to_be_let_in(handshake.own_address) : std::string()};
}

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
      bool told = false;
      for (const Handshake& handshake : address.handshakes) {
        if (handshake.kind == Handshake::Kind::none) continue;
        answers.push_back(answer_of(server, handshake));
        // A handshake without SNI that failed keeps no first record back.
        told = told || handshake.kind == Handshake::Kind::presented || handshake.server_name == ServerName::sent;
      }
      if (!told && address.kind == ProbedAddress::Kind::probed) {
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
  return shop.probes->ask(*shop.world.probe(shop.config()), urls, shop.world.clock);
}

Objection not_known(const Place& place, const std::string& server, const std::string& why,
                    const std::string& remedy = {}) {
  return {.kind = Objection::Kind::probe, .owner = place.name, .server = server, .why = why, .remedy = remedy};
}

std::vector<Sender> senders_at(const Place& place) {
  std::set<Sender> senders;
  for (const LineageOn& lineage : place.lineages) {
    for (const ChainView& view : lineage.presented) senders.insert(view.senders.begin(), view.senders.end());
  }
  return {senders.begin(), senders.end()};
}

// " of NAME", where the key is one of a lineage of this host, whatever its owners.
std::string of_whom(const Workshop& shop, const KeyId& key) {
  const std::string holder = key_holders(shop).of(key);
  return holder.empty() ? holder : " of " + holder;
}

bool is_presented(const Place& place, const KeyId& key) {
  return std::any_of(place.lineages.begin(), place.lineages.end(), [&](const LineageOn& lineage) {
    return std::any_of(lineage.presented.begin(), lineage.presented.end(), [&](const ChainView& view) {
      const auto* const known = std::get_if<KnownChain>(&view.chain);
      return known != nullptr && known->chain->leaf().key == key;
    });
  });
}

// The servers, each once, that do not present the current key of the state, or present one of before beside it.
// REQUIRES: the state has a current key.
std::vector<Answer> without_the_key(const std::vector<Answer>& answers, const State& state) {
  // Beside the deployed key a server may have one of another kind, of another lineage: only a key of before is amiss.
  std::set<std::string> with_it;
  for (const Answer& answer : answers) {
    const bool seen = answer.chain && answer.server_name == ServerName::sent;
    if (seen && answer.chain->leaf().key == state.current->key) with_it.insert(answer.server);
  }
  std::vector<Answer> amiss;
  std::set<std::string> named;
  for (const Answer& answer : answers) {
    const bool other =
        !with_it.contains(answer.server) || (answer.chain && was_current(state, answer.chain->leaf().key));
    if (other && named.insert(answer.server).second) amiss.push_back(answer);
  }
  return amiss;
}

}  // namespace

Shown ask_servers(const Workshop& shop, const Place& place) {
  Shown shown;
  const std::vector<Sender> senders = senders_at(place);
  for (const ProbeResult& result : probe(shop, probes_at(place))) {
    for (const ProbedAddress& address : result.addresses) {
      if (address.kind != ProbedAddress::Kind::left_out) continue;
      shown.left_out.push_back(
          not_known(place, fmt::format("{} ({})", result.url.text(), address.address), address.why));
    }
    for (const Answer& answer : answers_of({result})) {
      const bool sni = answer.server_name == ServerName::sent;
      if (!answer.chain) {
        (sni ? shown.unknown : shown.unknown_without_sni)
            .push_back(not_known(place, answer.server, answer.why, answer.remedy));
        continue;
      }
      const KeyId& key = answer.chain->leaf().key;
      (sni ? shown.with_sni : shown.without_sni)
          .push_back({fmt::format("the chain with the key {}{} that {} still presents{}", key.sha256,
                                  is_presented(place, key) ? "" : of_whom(shop, key), answer.server,
                                  sni ? "" : " without SNI"),
                      KnownChain{shared(*answer.chain)},
                      {result.url.host.text()},
                      senders,
                      std::nullopt,
                      ChainView::Presence::may_end});
    }
  }
  return shown;
}

std::set<std::string> remedies_of(const Objections& objections) {
  std::set<std::string> remedies;
  for (const Objection& objection : objections) remedies.insert(objection.remedy);
  remedies.erase(std::string());
  return remedies;
}

Error not_begun(const Workshop& shop, const Place& place, const Objections& objections) {
  std::set<std::string> hints = remedies_of(objections);
  const bool others = std::any_of(objections.begin(), objections.end(),
                                  [](const Objection& objection) { return objection.remedy.empty(); });
  if (others || hints.empty()) {
    hints.insert(fmt::format(
        "point the server at the lineage's folder in {} and reload it; it is published once every probe shows that",
        shop.paths().live_root()));
  }
  return not_yet(
      fmt::format("not published at {}, where some sender finds no usable record yet: the first one switches DANE on "
                  "for it, and not every server presents a chain that matches{}",
                  place.name.text(), objection_lines(objections)),
      fmt::format("{}", fmt::join(hints, "; ")));
}

void warn_of_other_keys(const Workshop& shop, const LineageConfig& lineage, const State& state) {
  if (!state.current) return;
  Clock& clock = shop.world.clock;
  const Milliseconds reloaded = clock.now().since_boot;
  const auto ask = [&] { return without_the_key(answers_of(probe(shop, lineage.probe)), state); };
  std::vector<Answer> amiss = ask();
  while (!amiss.empty() && !lineage.reload.empty() && clock.now().since_boot - reloaded < longest_reload) {
    clock.sleep(between_questions);
    shop.probes->forget();
    amiss = ask();
  }
  for (const Answer& answer : amiss) {
    const std::string what = !answer.chain ? answer.why
                                           : fmt::format("it presents the key {}{}{}", answer.chain->leaf().key.sha256,
                                                         of_whom(shop, answer.chain->leaf().key),
                                                         answer.server_name == ServerName::sent ? "" : " without SNI");
    const std::string remedy = !answer.remedy.empty() ? answer.remedy + "; "
                               : lineage.reload.empty()
                                   ? "reload it, and put the command into `reload` of the lineage; "
                                   : "";
    shop.output.warn(
        fmt::format("{}: {} is not seen to present the deployed key: {}", lineage.name, answer.server, what),
        remedy + "its old record stays published until it does");
  }
}

}  // namespace danectl
