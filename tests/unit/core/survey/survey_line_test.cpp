#include "core/survey/survey_summary.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

DnsName name(const char* text) {
  return DnsName::parse(text).value();
}

Association record(const char* group, char digit, std::size_t length = 64) {
  return {Group::parse(group).value(), std::string(length, digit)};
}

SurveyedHost host_with(RRset records, const char* host = "mx.example.org") {
  MailHost mail;
  mail.seen.host = name(host);
  mail.seen.addresses = Dnssec::secure;
  mail.seen.has_address = true;
  mail.tlsa.push_back({name("_25._tcp.mx.example.org"), Dnssec::secure, {}, std::move(records)});
  return surveyed_host({10, mail.seen.host}, mail);
}

SurveyLine line_of(const char* domain, std::vector<SurveyedHost> hosts) {
  SurveyLine line;
  line.domain.name = name(domain);
  line.domain.kind = MailDomain::Kind::exchanges;
  line.domain.dnssec = Dnssec::secure;
  for (const SurveyedHost& host : hosts) line.domain.exchanges.push_back({host.preference, host.host});
  line.hosts = std::move(hosts);
  return line;
}

using Faults = std::vector<RecordFault>;

}  // namespace

TEST_CASE("Faults of the records of a host: those that DNS alone shows") {
  CHECK(faults_of(host_with({})) == Faults{});
  CHECK(faults_of(host_with({record("3 1 1", 'a'), record("3 1 1", 'b'), record("2 1 1", 'c')})) == Faults{});
  CHECK(faults_of(host_with({record("1 1 1", 'a')})) == Faults{RecordFault::unusable});
  CHECK(faults_of(host_with({record("1 1 1", 'a'), record("3 1 1", 'b')})) == Faults{RecordFault::some_unusable});
  CHECK(faults_of(host_with({record("3 1 1", 'a'), record("3 1 2", 'b', 128)})) == Faults{RecordFault::digests});
}

TEST_CASE("Faults of the records of a host: those that a probe shows") {
  SurveyedHost host = host_with({record("3 1 1", 'a'), record("2 1 1", 'c')});
  host.knock = Knock{Knock::Verdict::mismatch, "192.0.2.1", "no record matches", {}, false};
  CHECK(faults_of(host) == Faults{RecordFault::stale});
  host.knock = Knock{Knock::Verdict::verified, "192.0.2.1", {}, {record("3 1 1", 'a')}, true};
  CHECK(faults_of(host) == Faults{RecordFault::mixed});
}

TEST_CASE("A summary counts each host once, and domains by their way") {
  SurveySummary summary;
  SurveyLine first = line_of("one.example", {host_with({record("2 1 1", 'a')}, "mx.provider.net")});
  SurveyLine second = line_of("two.example", {host_with({record("2 1 1", 'a')}, "mx.provider.net")});
  SurveyLine third = line_of(
      "three.example", {host_with({record("2 1 1", 'a')}, "mx.three.example"), host_with({}, "mx2.provider.net")});
  SurveyLine broken;
  broken.fault = "'x y' is more than one word";
  for (SurveyLine* line : {&first, &second, &third, &broken}) summary.add(*line);
  CHECK_FALSE(first.hosts[0].shared);
  CHECK(second.hosts[0].shared);
  CHECK(summary.domains == 3);
  CHECK(summary.faulty_lines == 1);
  CHECK(summary.hosts == 3);
  CHECK(summary.domains_by_way[static_cast<std::size_t>(DomainWay::dane)] == 2);
  CHECK(summary.domains_by_way[static_cast<std::size_t>(DomainWay::partly)] == 1);
  const auto records = summary.records.top(5, 1);
  REQUIRE(records.size() == 1);
  CHECK(records[0].key == "2 1 1 " + std::string(64, 'a'));
  CHECK(records[0].at_least() == 2);
  const auto providers = summary.providers.top(5, 1);
  REQUIRE(providers.size() == 1);
  CHECK(providers[0].key == "provider.net");
  CHECK(providers[0].at_least() == 3);
  CHECK(providers[0].tally.dane == 3);
}

TEST_CASE("A record that probed hosts name and none serves is told as such") {
  SurveySummary summary;
  for (const char* host : {"mx1.example", "mx2.example"}) {
    SurveyedHost stale = host_with({record("2 1 1", 'a'), record("3 1 1", 'b')}, host);
    stale.knock = Knock{Knock::Verdict::verified, "192.0.2.1", {}, {record("3 1 1", 'b')}, true};
    SurveyLine line = line_of("example.org", {stale});
    summary.add(line);
  }
  for (const auto& entry : summary.records.top(5, 1)) {
    CHECK(entry.tally.probed == 2);
    CHECK(entry.tally.served == (entry.key.starts_with("3 1 1") ? 2 : 0));
  }
}

TEST_CASE("A record with a whole certificate has no key of its length") {
  SurveySummary summary;
  SurveyLine line = line_of("example.org", {host_with({record("2 0 0", 'a', 60000)})});
  summary.add(line);
  CHECK(summary.records.top(1, 1).at(0).key.size() < 200);
}
