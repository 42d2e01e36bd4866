// Looks at DNS as tests want them: a zone with named servers, and what each answers.
#pragma once

#include "core/rollover/versions.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace danectl {

inline DnsName name(const std::string& text) {
  return DnsName::parse(text).value();
}
inline Association record(const std::string& text) {
  return Association::parse(text).value();
}

// "3 1 1" with a digest of one repeated digit.
inline Association record_of(char digit) {
  return record("3 1 1 " + std::string(64, digit));
}

// Time of tests: seconds since some moment, both clocks alike.
inline Instant at(double seconds, const std::string& boot = "boot-1") {
  const Milliseconds since{static_cast<std::int64_t>(seconds * 1000)};
  return {WallTime{std::chrono::sys_days{std::chrono::year(2030) / 1 / 1}} + since, std::chrono::hours(1) + since,
          boot};
}

inline const DnsName& test_owner() {
  static const DnsName owner = name("_25._tcp.mx.example.com");
  return owner;
}

// What was seen of an owner, and when.
struct SeenAt : OwnerLook {
  Instant when;
};

inline Ledger after_look(Ledger ledger, const SeenAt& seen) {
  return after_look(std::move(ledger), seen, {seen.when});
}

// A secure look at test_owner(), of zone example.com with its servers; each is then given an answer.
class LookBuilder {
 public:
  explicit LookBuilder(const Instant& when) {
    look_.owner = test_owner();
    look_.chain = {test_owner()};
    look_.dnssec = Dnssec::secure;
    look_.zones = {{name("example.com"), {}, std::nullopt}};
    look_.when = when;
  }
  LookBuilder& server(const std::string& host, RRset records, Seconds ttl = Seconds{60}) {
    std::sort(records.begin(), records.end());
    ServerAnswer answer = blank(host);
    answer.kind = ServerAnswer::Kind::validated;
    answer.records = std::move(records);
    answer.ttl = ttl;
    add(answer);
    return *this;
  }
  LookBuilder& silent(const std::string& host) {
    ServerAnswer answer = blank(host);
    answer.why = "no answer within 5 s";
    add(answer);
    return *this;
  }
  LookBuilder& left_out(const std::string& host) {
    ServerAnswer answer = blank(host);
    answer.kind = ServerAnswer::Kind::left_out;
    answer.why = "in [dns] ignore";
    add(answer);
    return *this;
  }
  // Of the servers so far.
  LookBuilder& delegation_ttl(Seconds ttl) {
    for (ServerAnswer& answer : look_.answers) answer.delegation_ttl = ttl;
    return *this;
  }
  LookBuilder& resolver_has(RRset records) {
    std::sort(records.begin(), records.end());
    look_.resolver_records = std::move(records);
    resolver_set_ = true;
    return *this;
  }
  // By default the resolver gives what the first server gives.
  [[nodiscard]] SeenAt done() const {
    SeenAt look = look_;
    if (!resolver_set_ && !look.answers.empty()) look.resolver_records = look.answers.front().records;
    return look;
  }

 private:
  ServerAnswer blank(const std::string& host) const {
    ServerAnswer answer;
    answer.server = name(host);
    answer.address = "192.0.2." + std::to_string(look_.answers.size() + 1);
    answer.zone = name("example.com");
    answer.qname = test_owner();
    answer.delegation_ttl = Seconds{3600};
    return answer;
  }
  void add(const ServerAnswer& answer) {
    std::vector<DnsName>& servers = look_.zones.front().servers;
    if (std::find(servers.begin(), servers.end(), answer.server) == servers.end()) servers.push_back(answer.server);
    std::sort(servers.begin(), servers.end());
    look_.answers.push_back(answer);
  }

  SeenAt look_;
  bool resolver_set_ = false;
};

// `owner` is an alias of `end`, where these records stand.
inline SeenAt alias_look(double when, const DnsName& owner, const DnsName& end, const RRset& records,
                         Seconds cname_ttl = Seconds{60}) {
  SeenAt made =
      LookBuilder(at(when)).server("ns1.example.com", {}, cname_ttl).server("ns2.example.com", records).done();
  made.owner = owner;
  made.chain = {owner, end};
  made.answers[0].qname = owner;
  made.answers[0].cname = end;
  made.answers[1].qname = end;
  made.resolver_records = records;
  return made;
}

// What DNS looks like when it could not be asked.
inline SeenAt no_answer(const Instant& when) {
  SeenAt look;
  look.owner = test_owner();
  look.why = "the resolver gave no answer within 5 s";
  look.when = when;
  return look;
}

}  // namespace danectl
