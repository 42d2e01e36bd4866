#include "scenarios/name_servers.hpp"

#include "fakes/looks.hpp"
#include "scenarios/names.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace danectl {

NameServers::Server& NameServers::server(const std::string& host) {
  for (Server& one : servers_) {
    if (one.host == host) return one;
  }
  throw ScenarioError("there is no name server " + host);
}

void NameServers::give(Server& server, Where where, const RRset& records, Seconds ttl) {
  past_.push_back({server.gives(), now_ + server.ttl});
  (where == Where::own ? server.own : server.wildcard) = records;
  server.ttl = ttl;
  judge_();
}

void NameServers::follow() {
  for (Server& one : servers_) {
    const Server& primary = servers_.front();
    if (one.lags || (one.own == primary.own && one.wildcard == primary.wildcard && one.ttl == primary.ttl)) continue;
    past_.push_back({one.gives(), now_ + one.ttl});
    one.own = primary.own;
    one.wildcard = primary.wildcard;
    one.ttl = primary.ttl;
  }
  judge_();
}

bool NameServers::change(const Change& change) {
  if (!slow_) return carry_out(change);
  asked_.push_back(change);
  return true;
}

void NameServers::do_what_was_asked() {
  for (const Change& change : std::exchange(asked_, {})) (void)carry_out(change);
}

bool NameServers::carry_out(const Change& change) {
  Server& primary = servers_.front();
  if (change.only_if && change.seen != primary.own) return false;
  RRset records = primary.own;
  for (const Association& record : change.records) {
    std::erase(records, record);
    if (change.adds) records.push_back(record);
  }
  std::sort(records.begin(), records.end());
  give(primary, Where::own, records, change.adds ? change.ttl : primary.ttl);
  follow();
  return true;
}

NameServers::Change NameServers::change_of(const std::string& nsupdate_script) {
  Change change;
  change.only_if = true;
  std::istringstream lines(nsupdate_script);
  for (std::string line; std::getline(lines, line);) {
    const auto data = line.find(" TLSA ");
    if (data == std::string::npos) continue;  // also the prerequisite that there is none
    RRset& records = line.starts_with("prereq") ? change.seen : change.records;
    records.push_back(record(line.substr(data + 6)));
    if (line.starts_with("update delete")) change.adds = false;
    if (line.starts_with("update add")) change.ttl = Seconds{std::stoi(split(line, " ").at(3))};
  }
  std::sort(change.seen.begin(), change.seen.end());
  return change;
}

OwnerLook NameServers::look() const {
  Instant when = at(0);
  when.since_boot += now_ - when.wall;
  when.wall = now_;
  LookBuilder look(when);
  const Server* asked = nullptr;
  for (const Server& one : servers_) {
    const std::string host = one.host + ".example.com";
    if (one.silent) {
      look.silent(host);
    } else {
      look.server(host, one.gives(), one.ttl);
      asked = &one;
    }
  }
  if (asked == nullptr) return no_answer(when);
  look.resolver_has(asked->gives());
  OwnerLook seen = look.done();
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    seen.answers[i].from_wildcard = !servers_[i].silent && servers_[i].own.empty() && !servers_[i].wildcard.empty();
  }
  return seen;
}

std::vector<RRset> NameServers::in_caches() const {
  std::vector<RRset> held;
  for (const Server& one : servers_) held.push_back(one.gives());
  for (const Given& one : past_) {
    if (one.until >= now_) held.push_back(one.records);
  }
  return held;
}

}  // namespace danectl
