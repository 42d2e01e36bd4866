#include "fakes/random_dns.hpp"

#include <algorithm>
#include <set>

namespace danectl {

const std::vector<DnsName>& alias_targets() {
  static const std::vector<DnsName> targets{name("one.dane.example.com"), name("two.dane.example.com")};
  return targets;
}

bool only_matched_by(const Association& record, const RRset& rrset, int strongest_known) {
  const auto is_stronger = [&](const Association& other) {
    return other.group.usage == record.group.usage && other.group.selector == record.group.selector &&
           other.group.mtype > record.group.mtype && other.group.mtype <= strongest_known;
  };
  if (record.group.mtype <= strongest_known && has(rrset, record)) {
    return std::none_of(rrset.begin(), rrset.end(), is_stronger);
  }
  return std::none_of(rrset.begin(), rrset.end(),
                      [&](const Association& other) { return other.group.mtype <= strongest_known; });
}

RandomDns::Node RandomDns::Zone::at(const DnsName& name) const {
  const auto found = names.find(name);
  if (found != names.end() && (found->second.alias || !found->second.records.empty())) return found->second;
  if (name == test_owner() && !wildcard.empty()) return {std::nullopt, wildcard, true};
  return {};
}

DnsName RandomDns::Zone::end() const {
  const Node node = at(test_owner());
  return node.alias ? *node.alias : test_owner();
}

void RandomDns::begin(const RRset& records) {
  Zone zone;
  if (others_.aliases && dice_.one_in(2)) {
    const DnsName target = alias_targets().front();
    zone.names[test_owner()].alias = target;
    zone.names[target].records = records;
  } else if (others_.wildcards && dice_.one_in(2)) {
    zone.wildcard = records;
  } else {
    zone.names[test_owner()].records = records;
  }
  servers_.resize(static_cast<std::size_t>(dice_.pick(1, 3)));
  laziness_ = dice_.one_in(2) ? 8 : 25;
  for (Server& server : servers_) {
    server.host = "ns" + std::to_string(hosts_++) + ".example.com";
    server.zone = zone;
  }
}

bool RandomDns::is_seen(const Server& server) const {
  return std::ssize(server.seen) == watchers_ &&
         std::all_of(server.seen.begin(), server.seen.end(),
                     [&](const auto& one) { return one.second == std::pair(server.zone, server.ttl); });
}

void RandomDns::was_looked_at(int watcher) {
  if (!resolver_answers_) return;
  for (Server& server : servers_) {
    if (!server.silent) server.seen[watcher] = {server.zone, server.ttl};
  }
}

// --- others

std::string RandomDns::servers_change(int second) {
  if (dice_.one_in(60) && servers_.size() < 4) {
    servers_.push_back(dice_.any(servers_));
    servers_.back().host = "ns" + std::to_string(hosts_++) + ".example.com";
    servers_.back().silent = false;
    servers_.back().seen.clear();
    return "a name server comes";
  }
  if (dice_.one_in(60) && servers_.size() > 1 && is_seen(servers_.back())) {
    gone_.push_back(servers_.back());
    gone_.back().unlisted_at = second;
    servers_.pop_back();
    return "a name server leaves";
  }
  return {};
}

Association RandomDns::record_of_somebody() {
  static const std::vector<Group> groups{{3, 0, 1}, {2, 0, 1}, {2, 1, 1}, {3, 1, 1}, {3, 1, 2}, {2, 1, 2}, {3, 0, 2}};
  const Group group = groups[static_cast<std::size_t>(dice_.pick(0, static_cast<int>(groups.size()) - 1))];
  const char digit = dice_.one_in(2) ? 'e' : 'f';
  return {group, std::string(group.mtype == 1 ? 64 : 128, digit)};
}

std::string RandomDns::something_happens(int second, const std::function<bool(const RRset&)>& keeps_mail_coming) {
  if (dice_.one_in(12)) dice_.any(servers_).silent = dice_.one_in(2);
  if (dice_.one_in(20)) resolver_answers_ = !dice_.one_in(4);
  if (others_.slow) {
    if (dice_.one_in(15)) lazy_ = !lazy_;
    if (dice_.one_in(20)) lossy_ = !lossy_;
    if (dice_.one_in(laziness_)) catch_up();
  }
  // What is under way meanwhile nobody could tell from what others did.
  if (!accepted_.empty()) return {};
  if (dice_.one_in(15)) {
    if (Server& server = dice_.any(servers_); is_seen(server)) server.ttl = dice_.pick(1, most_ttl);
  }
  if (std::string what = servers_change(second); !what.empty()) return what;
  if (dice_.one_in(40)) past_zones_.push_back(primary());
  const auto changed = [&](Server& server, const Zone& zone, const std::string& what) {
    return change_zone(server, zone, what, second, keeps_mail_coming);
  };
  if (dice_.one_in(25)) {
    Server& server = dice_.any(servers_);
    Zone zone = server.zone;
    RRset& records = zone.names[zone.end()].records;
    if (records.size() < 2) return {};
    records.erase(records.begin() + dice_.pick(0, static_cast<int>(records.size()) - 1));
    return changed(server, zone, "somebody deletes a record");
  }
  if (dice_.one_in(80) && !past_zones_.empty()) {
    return changed(servers_.front(), dice_.any(past_zones_), "an older zone comes back");
  }
  if (others_.records && dice_.one_in(12)) {
    const Association record = record_of_somebody();
    Zone zone = primary();
    const bool in_wildcard = zone.at(zone.end()).from_wildcard || (others_.wildcards && dice_.one_in(3));
    RRset& records = in_wildcard ? zone.wildcard : zone.names[zone.end()].records;
    const bool there = has(records, record);
    std::erase(records, record);
    if (!there) records.push_back(record);
    std::sort(records.begin(), records.end());
    return changed(servers_.front(), zone, "somebody " + std::string(there ? "deletes " : "adds ") + record.text());
  }
  if (others_.wildcards && dice_.one_in(10)) {
    Zone zone = primary();
    if (dice_.one_in(3)) {
      zone.wildcard.clear();
    } else if (!zone.at(zone.end()).alias) {
      zone.wildcard = zone.at(zone.end()).records;
      if (dice_.one_in(2)) zone.names[test_owner()].records.clear();
    }
    return changed(servers_.front(), zone, "somebody changes the wildcard");
  }
  if (others_.aliases && dice_.one_in(7)) {
    Zone zone = primary();
    const DnsName target = dice_.one_in(3) ? test_owner() : alias_targets()[dice_.one_in(2) ? 0 : 1];
    if (target == zone.end()) return {};
    if (dice_.one_in(2) && target != test_owner()) {
      zone.names[target].records = zone.at(zone.end()).records;
      return changed(servers_.front(), zone, "somebody copies the records to " + target.text());
    }
    Node& node = zone.names[test_owner()];
    const RRset here = zone.at(zone.end()).records;
    node = {};
    if (target == test_owner()) {
      node.records = here;
    } else {
      node.alias = target;
    }
    return changed(servers_.front(), zone, "the alias leads to " + target.text());
  }
  return {};
}

// Whatever a sender may then find keeps mail coming.
std::string RandomDns::change_zone(Server& server, const Zone& zone, const std::string& what, int second,
                                   const std::function<bool(const RRset&)>& keeps_mail_coming) {
  if (!is_seen(server) || zone == server.zone || zone.at(zone.end()).records.empty()) return {};
  const std::vector<Given> before = given_;
  const Zone was = server.zone;
  server.zone = zone;
  for (const Server& one : servers_) remember(one, second);
  if (!server.silent) given_.push_back({second, server.ttl, zone.end(), zone.at(zone.end())});
  std::vector<Given> after = reachable(given_);
  given_ = before;
  const bool good = std::all_of(after.begin(), after.end(),
                                [&](const Given& given) { return keeps_mail_coming(given.node.records); }) &&
                    keeps_mail_coming(zone.at(zone.end()).records);
  if (!good) {
    server.zone = was;
    return {};
  }
  server.changed_by_others = true;
  note_neighbours();
  return what;
}

void RandomDns::note_neighbours() {
  neighbours_.clear();
  const RRset& records = published();
  for (const Association& record : records) {
    if (record.hex.find_first_not_of(record.hex.front()) != std::string::npos) continue;
    for (const int known : {1, 2}) {
      if (only_matched_by(record, records, known)) neighbours_.push_back({record, known});
    }
  }
}

void RandomDns::calm_down() {
  for (Server& server : servers_) server.silent = false;
  resolver_answers_ = true;
  for (Server& server : servers_) server.changed_by_others = false;
  lazy_ = lossy_ = false;
  catch_up();
  calm_ = true;
}

// --- publishers

RandomDns::Accepted RandomDns::change(const Change& change) {
  if (lossy_ && dice_.one_in(2)) return Accepted::yes;
  if (lazy_) {
    accepted_.push_back(change);
    return Accepted::yes;
  }
  catch_up();  // a provider does what it accepted in that order
  return carry_out(change);
}

void RandomDns::catch_up() {
  for (const Change& change : std::exchange(accepted_, {})) (void)carry_out(change);
}

RandomDns::Accepted RandomDns::carry_out(const Change& change) {
  RRset& records = primary().names[change.name].records;
  if (change.only_if && *change.only_if != records) return Accepted::other_rrset;
  for (const Association& record : change.records) {
    std::erase(records, record);
    if (change.does == Change::Does::add) records.push_back(record);
  }
  std::sort(records.begin(), records.end());
  if (after_each_) after_each_();
  return Accepted::yes;
}

const RRset& RandomDns::published() const {
  const Zone& zone = servers_.front().zone;
  const auto found = zone.names.find(zone.end());
  static const RRset none;
  if (found != zone.names.end() && !found->second.records.empty()) return found->second.records;
  return zone.end() == test_owner() ? zone.wildcard : none;
}

void RandomDns::put(const RRset& records) {
  primary().names[primary().end()].records = records;
}

// --- what is given

void RandomDns::second_passes(int second) {
  for (Server& server : servers_) {
    server.changed_by_others = server.changed_by_others && !is_seen(server);
    const bool follows = &server != &servers_.front() && !server.changed_by_others;
    if (follows && (calm_ || dice_.one_in(3))) server.zone = primary();
  }
  for (const Server& server : servers_) remember(server, second);
  for (const Server& server : gone_) {
    if (second <= server.unlisted_at + ns_ttl) remember(server, second);
  }
  std::erase_if(given_, [&](const Given& given) { return given.second + given.ttl < second; });
}

void RandomDns::remember(const Server& server, int second) {
  if (server.silent) return;
  std::set<DnsName> names{test_owner()};
  for (const auto& [name, node] : server.zone.names) names.insert(name);
  for (const DnsName& name : names) given_.push_back({second, server.ttl, name, server.zone.at(name)});
}

std::vector<RandomDns::Given> RandomDns::reachable(const std::vector<Given>& given) {
  std::set<DnsName> names{test_owner()};
  for (const Given& one : given) {
    if (one.name == test_owner() && one.node.alias) names.insert(*one.node.alias);
  }
  std::vector<Given> found;
  for (const Given& one : given) {
    if (names.contains(one.name) && !one.node.alias) found.push_back(one);
  }
  return found;
}

OwnerLook RandomDns::look(const DnsName& owner, const Instant& now) const {
  const bool any_answers =
      std::any_of(servers_.begin(), servers_.end(), [](const Server& server) { return !server.silent; });
  OwnerLook look = no_answer(now);
  look.owner = owner;
  if (!resolver_answers_ || !any_answers) return look;
  look.why.clear();
  look.dnssec = Dnssec::secure;
  look.chain = {owner};
  ZoneServers zone{name("example.com"), {}, std::nullopt};
  for (const Server& server : servers_) zone.servers.push_back(name(server.host));
  std::sort(zone.servers.begin(), zone.servers.end());
  look.zones = {zone};
  // The resolver has asked one of them just now: its answer must not be what keeps the promise.
  const Server* asked = nullptr;
  for (const Server& server : servers_) {
    if (!server.silent) asked = &server;
  }
  if (const auto alias = asked->zone.at(owner).alias) look.chain.push_back(*alias);
  look.resolver_records = asked->zone.at(look.chain.back()).records;
  for (const DnsName& qname : look.chain) {
    for (const Server& server : servers_) {
      ServerAnswer answer;
      answer.server = name(server.host);
      answer.address = "192.0.2." + server.host.substr(2, server.host.find('.') - 2);
      answer.zone = zone.apex;
      answer.delegation_ttl = Seconds{ns_ttl};
      answer.qname = qname;
      if (server.silent) {
        answer.why = "no answer within 5 s";
      } else {
        const Node node = server.zone.at(qname);
        answer.kind = ServerAnswer::Kind::validated;
        answer.cname = node.alias;
        answer.records = node.records;
        answer.from_wildcard = node.from_wildcard;
        answer.ttl = Seconds{server.ttl};
      }
      look.answers.push_back(answer);
    }
  }
  return look;
}

}  // namespace danectl
