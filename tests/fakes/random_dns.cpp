#include "fakes/random_dns.hpp"

#include <algorithm>

namespace danectl {

void RandomDns::begin(const RRset& records) {
  servers_.resize(static_cast<std::size_t>(dice_.pick(1, 3)));
  for (Server& server : servers_) server.records = records;
}

std::string RandomDns::something_happens(int second, const std::function<bool(const RRset&)>& keeps_mail_coming) {
  if (dice_.one_in(12)) dice_.any(servers_).silent = dice_.one_in(2);
  if (dice_.one_in(15)) dice_.any(servers_).ttl = dice_.pick(1, most_ttl);
  if (dice_.one_in(20)) resolver_answers_ = !dice_.one_in(4);
  if (dice_.one_in(60) && servers_.size() < 4) {
    servers_.push_back(dice_.any(servers_));
    servers_.back().silent = false;
  }
  if (dice_.one_in(60) && servers_.size() > 1 && servers_.back().seconds_in_view > 3) {
    gone_.push_back(servers_.back());
    gone_.back().unlisted_at = second;
    servers_.pop_back();
    return "a name server leaves";
  }
  if (dice_.one_in(40)) past_zones_.push_back(primary());
  if (dice_.one_in(25)) {
    Server& server = dice_.any(servers_);
    RRset left = server.records;
    if (!left.empty()) left.erase(left.begin() + dice_.pick(0, static_cast<int>(left.size()) - 1));
    if (left.empty() || !keeps_mail_coming(left)) return {};
    server.records = left;
    return "somebody deletes a record";
  }
  if (dice_.one_in(80) && !past_zones_.empty()) {
    const RRset& before = dice_.any(past_zones_);
    if (!keeps_mail_coming(before)) return {};
    primary() = before;
    return "an older zone comes back";
  }
  return {};
}

void RandomDns::calm_down() {
  for (Server& server : servers_) server.silent = false;
  resolver_answers_ = true;
  calm_ = true;
}

void RandomDns::second_passes(int second) {
  for (std::size_t i = 1; i < servers_.size(); ++i) {
    if (calm_ || dice_.one_in(3)) servers_[i].records = primary();
  }
  for (Server& server : servers_) {
    remember(server, second);
    if (resolver_answers_) ++server.seconds_in_view;
  }
  for (const Server& server : gone_) {
    if (second <= server.unlisted_at + ns_ttl) remember(server, second);
  }
  std::erase_if(given_, [&](const Given& given) { return given.second + given.ttl < second; });
}

void RandomDns::remember(const Server& server, int second) {
  if (!server.silent) given_.push_back({second, server.ttl, server.records});
}

OwnerLook RandomDns::look(const Instant& now) const {
  const bool any_answers =
      std::any_of(servers_.begin(), servers_.end(), [](const Server& server) { return !server.silent; });
  if (!resolver_answers_ || !any_answers) return no_answer(now);
  LookBuilder builder(now);
  builder.ns_ttl(Seconds{ns_ttl});
  RRset all;  // the most favourable resolver: it must not be what keeps the promise
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const std::string host = "ns" + std::to_string(i) + ".example.com";
    if (servers_[i].silent) {
      builder.silent(host);
      continue;
    }
    builder.server(host, servers_[i].records, Seconds{servers_[i].ttl});
    for (const Association& record : servers_[i].records) {
      if (!contains(all, record)) all.push_back(record);
    }
  }
  return builder.resolver_has(all).done();
}

}  // namespace danectl
