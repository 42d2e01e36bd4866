#include "system/dns/server_round.hpp"

#include "system/dns/plain_question.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <arpa/nameser.h>

namespace danectl {
namespace {

// One descriptor each.
constexpr std::size_t most_explained = 64;

ServerAnswer unanswered(const DnsName& zone, const std::string& address, const DnsName& name, std::string why) {
  ServerAnswer answer;
  answer.why = std::move(why);
  answer.address = address;
  answer.zone = zone;
  answer.qname = name;
  return answer;
}

// The status of a reply covers the whole chain: when a later zone cannot be resolved or validated, nothing is known of
// the alias in front of it either. That only ever blocks.
void take_message(ServerAnswer& answer, const TlsaMessage& message, std::size_t octets) {
  const ChainLink& first = message.links.front();
  // A server that no longer has the zone, or has cut a new one out of it, may refer elsewhere: libunbound goes there,
  // and what comes back is another's answer.
  if (first.zone != answer.zone) {
    answer.why =
        fmt::format("{} is in the zone {} there, not in {}", first.name.text(), first.zone.text(), answer.zone.text());
    return;
  }
  answer.kind = ServerAnswer::Kind::validated;
  answer.dnssec = Dnssec::secure;
  answer.cname = first.cname;
  if (!first.cname) answer.records = message.records;
  answer.ttl = first.ttl;
  answer.signature_begins = first.signature_begins;
  answer.signature_ends = first.signature_ends;
  answer.from_wildcard = first.from_wildcard;
  // libunbound adds what it has found elsewhere; then it is more than the server sends.
  const bool all_its_own = std::all_of(message.links.begin(), message.links.end(),
                                       [&](const ChainLink& link) { return link.zone == answer.zone; });
  if (all_its_own) answer.octets = octets;
}

std::string why_not_valid(const PlainAnswer& answer) {
  const std::string refusal = refusal_text(answer);
  return refusal.empty() ? "its answer could not be validated" : refusal;
}

}  // namespace

void ServerRound::begin() {
  std::map<std::string, std::set<DnsName>> zones_at;
  for (const auto& [apex, zone] : survey_.zones()) {
    if (!zone.trouble.empty()) continue;
    for (const DnsName& server : servers_of(zone)) {
      for (const ServerAddress& one : survey_.addresses_of(zone, server)) {
        if (reach_.is_asked(server, one.address)) zones_at[one.address].insert(apex);
      }
    }
  }
  for (const auto& [address, zones] : zones_at) start(address, zones);
  for (const auto& [apex, zone] : survey_.zones()) {
    if (!zone.trouble.empty()) continue;
    for (const auto& [server, delegated] : zone.parent.servers) want(apex, server);
  }
}

void ServerRound::want(const DnsName& zone, const DnsName& server) {
  if (reach_.is_ignored(server, "")) return;
  survey_.hosts().want(server, [this, zone, server] { start_new(zone, server); });
}

void ServerRound::start(const std::string& address, const std::set<DnsName>& zones) {
  sessions_.push_back(std::make_unique<Session>());
  Session& session = *sessions_.back();
  session.address = address;
  session.zones = zones;
  std::vector<ZoneAt> stubs;
  stubs.reserve(zones.size());
  for (const DnsName& zone : zones) stubs.push_back({zone, address});
  const auto line = batch_.add_session([this, stubs] { return UnboundContext::open(config_, stubs); });
  for (const DnsName& zone : zones) {
    started_.emplace(address, zone);
    batch_.ask(line, zone, ns_t_ns, [this, zone](const Reply& reply) { take_servers(zone, reply); });
    for (const DnsName& name : survey_.zones().at(zone).names) {
      batch_.ask(line, name, ns_t_tlsa,
                 [this, &session, zone, name](const Reply& reply) { take_answer(session, zone, name, reply); });
    }
  }
}

void ServerRound::take_servers(const DnsName& zone, const Reply& reply) {
  if (reply.kind != Reply::Kind::secure) return;  // its answers tell what is wrong with it
  const auto message = read_ns_message(reply.packet, zone);
  if (!message) return;
  ZoneView& view = survey_.zones().at(zone);
  view.ns_ttl = std::max(view.ns_ttl, message->ttl);
  for (const DnsName& server : message->servers) {
    if (view.servers.insert(server).second) want(zone, server);
  }
}

void ServerRound::start_new(const DnsName& zone, const DnsName& server) {
  for (const std::string& address : survey_.hosts().of(server).addresses) {
    if (started_.contains({address, zone}) || !reach_.is_asked(server, address)) continue;
    start(address, {zone});
  }
}

// The survey has found all its zones secure.
bool ServerRound::are_secure(const TlsaMessage& message) const {
  return std::all_of(message.links.begin(), message.links.end(),
                     [&](const ChainLink& link) { return survey_.zones().contains(link.zone); });
}

void ServerRound::take_answer(Session& session, const DnsName& zone, const DnsName& name, const Reply& reply) {
  Taken& taken = answers_[{session.address, zone, name}];
  taken.session = &session;
  taken.reply = reply.kind;
  taken.answer = unanswered(zone, session.address, name, reply.why);
  const auto unproven = unproven_absence(reply, name);
  const bool opted_out = unproven && are_secure(*unproven);
  if (reply.kind != Reply::Kind::secure && !opted_out) {
    taken.answer.dnssec = dnssec_of(reply.kind);
    return;
  }
  const auto message = opted_out ? *unproven : read_tlsa_message(reply.packet, name);
  if (!message) {
    taken.answer.why = message.error().what;
    return;
  }
  take_message(taken.answer, *message, reply.packet.size());
  note_return(session, *message);
}

// Where a chain leaves the server's zones and comes back into them, another's answer brought the way back along, and
// libunbound may have kept it: an alias there, asked for by itself, need not be the server's own word.
void ServerRound::note_return(Session& session, const TlsaMessage& message) {
  bool left = false;
  for (const ChainLink& link : message.links) {
    if (!session.zones.contains(link.zone)) {
      left = true;
    } else if (left) {
      session.not_its_own.insert(link.name);
    }
  }
}

void ServerRound::explain_failures(Milliseconds limit) {
  if (limit <= Milliseconds{0}) return;
  std::vector<PlainQuestion> questions;
  std::vector<Taken*> asked;
  for (auto& [key, taken] : answers_) {
    const bool of_use = taken.reply == Reply::Kind::failed || taken.reply == Reply::Kind::silent;
    if (!of_use || questions.size() >= most_explained) continue;
    questions.push_back({std::get<0>(key), std::get<2>(key)});
    asked.push_back(&taken);
  }
  ask_plainly(questions, limit);
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const PlainQuestion& question = questions[i];
    // A server that was silent for seconds is not "silent for half a second", nor does an answer now undo it.
    if (asked[i]->reply == Reply::Kind::silent && !question.refused) continue;
    const std::string why = question.answer ? why_not_valid(*question.answer) : question.why;
    if (!why.empty()) asked[i]->answer.why = why;
  }
}

ServerAnswer ServerRound::answer(const DnsName& zone, const std::string& address, const DnsName& name) const {
  const auto found = answers_.find({address, zone, name});
  if (found == answers_.end()) return unanswered(zone, address, name, "not asked: the time for a look was over");
  const Taken& taken = found->second;
  if (taken.session->not_its_own.contains(name)) {
    return unanswered(zone, address, name,
                      fmt::format("the aliases leave {} and come back to {}", zone.text(), name.text()));
  }
  return taken.answer;
}

}  // namespace danectl
