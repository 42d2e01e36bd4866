#include "system/dns/parent_round.hpp"

#include "system/dns/delegation_message.hpp"
#include "system/dns/plain_question.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include <arpa/nameser.h>

namespace danectl {
namespace {

using std::chrono::steady_clock;

struct Asked {
  ZoneView* zone;
  DnsName apex;
  DnsName server;
  std::size_t question;
};

// Why what a server of the parent says is no word on the delegation; empty: it is one.
std::string why_no_word(const PlainQuestion& question, const std::optional<std::vector<NamedServer>>& named) {
  if (!question.answer) return question.why.empty() ? "it could not be asked" : question.why;
  if (question.answer->truncated) return "its answer is longer than a datagram";
  if (!named) return "its answer cannot be read";
  // A referral is without authority, but not without servers.
  return named->empty() || question.answer->rcode != ns_r_noerror ? refusal_text(*question.answer) : std::string();
}

class Round {
 public:
  Round(ZoneSurvey& survey, Reach& reach) : survey_(survey), reach_(reach) {
    for (auto& [apex, zone] : survey_.zones()) {
      if (zone.trouble.empty() && zone.parent.name) want(apex, zone);
    }
  }

  // Twice, as a datagram may get lost; once more where not one server of the parent gave its word.
  void ask(Milliseconds limit) {
    const auto end = steady_clock::now() + limit;
    ask_plainly(questions_, limit / 4);
    ask_plainly(questions_, limit / 4);
    tell();
    std::vector<PlainQuestion> open;
    for (const Asked& asked : asked_) {
      if (!asked.zone->parent.heard) open.push_back(questions_[asked.question]);
    }
    if (open.empty()) return;
    ask_plainly(open, std::chrono::floor<Milliseconds>(end - steady_clock::now()));
    for (PlainQuestion& question : open)
      questions_[indices_.at({question.address, question.name})] = std::move(question);
    tell();
  }

 private:
  void want(const DnsName& apex, ZoneView& zone) {
    const ParentServers& parent = survey_.parents().at(*zone.parent.name);
    zone.parent.unknown = parent.trouble;
    bool any_asked = false;
    bool all_ignored = !parent.servers.empty();
    for (const DnsName& server : parent.servers) {
      if (reach_.is_ignored(server, "")) continue;
      const std::set<std::string> addresses = survey_.addresses_of_parent(*zone.parent.name, server);
      if (addresses.empty()) all_ignored = false;
      for (const std::string& address : addresses) {
        if (reach_.is_ignored(server, address)) continue;
        all_ignored = false;
        if (!reach_.is_routable(address)) continue;
        any_asked = true;
        asked_.push_back({&zone, apex, server, index_of(address, apex)});
      }
    }
    if (any_asked || !zone.parent.unknown.empty()) return;
    std::string& why = all_ignored ? zone.parent.left_out : zone.parent.unknown;
    why = fmt::format(
        "it is not known to which name servers {} delegates it: {}", zone.parent.name->text(),
        all_ignored ? "all of its own are in [dns] ignore" : "this host has no address of one, or no route to it");
  }

  // One word is enough to go on: whoever finds the other servers of the parent silent goes by this one as well. What a
  // silent one said before is for the ledger to remember.
  void tell() {
    for (const Asked& asked : asked_) asked.zone->parent.whole = true;
    for (const Asked& asked : asked_) {
      ParentView& parent = asked.zone->parent;
      const PlainQuestion& question = questions_[asked.question];
      const auto named = question.answer ? read_delegation(question.answer->packet, asked.apex, *parent.name)
                                         : std::optional<std::vector<NamedServer>>();
      if (const std::string why = why_no_word(question, named); !why.empty()) {
        parent.unknown = unknown(asked, why);
        parent.whole = false;
        continue;
      }
      parent.heard = true;
      for (const NamedServer& server : *named) take(parent, server);
    }
    for (auto& [apex, zone] : survey_.zones()) {
      if (zone.parent.heard) zone.parent.unknown.clear();
    }
  }

  // A server of the parent may be reached at one address by two names.
  std::size_t index_of(const std::string& address, const DnsName& apex) {
    const auto [at, added] = indices_.try_emplace({address, apex}, questions_.size());
    if (added) questions_.push_back({address, apex, ns_t_ns});
    return at->second;
  }

  std::string unknown(const Asked& asked, const std::string& why) const {
    return fmt::format("no name server of {} says to which servers it delegates {}: {}: {}",
                       asked.zone->parent.name->text(), asked.apex.text(),
                       server_text(asked.server, questions_[asked.question].address), why);
  }

  static void take(ParentView& parent, const NamedServer& named) {
    DelegatedTo& server = parent.servers[named.name];
    server.ns_ttl = std::max(server.ns_ttl, named.ttl);
    for (const auto& [address, ttl] : named.glue) {
      Seconds& longest = server.glue.try_emplace(address).first->second;
      longest = std::max(longest, ttl);
    }
  }

  ZoneSurvey& survey_;
  Reach& reach_;
  std::vector<PlainQuestion> questions_;
  std::map<std::pair<std::string, DnsName>, std::size_t> indices_;
  std::vector<Asked> asked_;
};

}  // namespace

void ask_parents(ZoneSurvey& survey, Reach& reach, Milliseconds limit) {
  Round round(survey, reach);
  round.ask(limit);
}

}  // namespace danectl
