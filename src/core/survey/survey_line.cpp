#include "core/survey/survey_line.hpp"

#include "core/keys/dane_verify.hpp"
#include "core/keys/usable.hpp"

#include <algorithm>

namespace danectl {
namespace {

// The groups of those that senders can use, each once.
std::vector<Group> usable_groups(const RRset& records) {
  std::vector<Group> groups;
  for (const Association& record : records) {
    const bool known = std::find(groups.begin(), groups.end(), record.group) != groups.end();
    if (!known && usable(record)) groups.push_back(record.group);
  }
  return groups;
}

bool has_two_digests_of_one(const std::vector<Group>& groups) {
  return std::any_of(groups.begin(), groups.end(), [&](const Group& one) {
    return std::any_of(groups.begin(), groups.end(),
                       [&](const Group& other) { return are_digests_of_one(one, other); });
  });
}

}  // namespace

std::string_view to_text(RecordFault fault) {
  switch (fault) {
    case RecordFault::unusable:
      return "unusable";
    case RecordFault::some_unusable:
      return "some-unusable";
    case RecordFault::digests:
      return "digests";
    case RecordFault::stale:
      return "stale";
    case RecordFault::mixed:
      break;
  }
  return "mixed";
}

SurveyedHost surveyed_host(const Exchange& exchange, const MailHost& host) {
  SurveyedHost surveyed;
  surveyed.preference = exchange.preference;
  surveyed.host = exchange.host;
  surveyed.way = way_of(host);
  surveyed.dnssec = host.seen.addresses;
  surveyed.why = host.seen.why;
  surveyed.addresses = host.addresses;
  surveyed.aliases = host.seen.aliases;
  const TlsaAnswer* const answer = used_answer(host);
  if (answer == nullptr) return surveyed;
  surveyed.owner = answer->owner;
  surveyed.owner_dnssec = answer->dnssec;
  surveyed.owner_why = answer->why;
  if (answer->dnssec == Dnssec::secure) surveyed.records = answer->records;
  return surveyed;
}

std::vector<RecordFault> faults_of(const SurveyedHost& host) {
  std::vector<RecordFault> faults;
  const auto can_be_used = std::count_if(host.records.begin(), host.records.end(), usable);
  if (!host.records.empty() && can_be_used == 0) faults.push_back(RecordFault::unusable);
  if (can_be_used != 0 && can_be_used < std::ssize(host.records)) faults.push_back(RecordFault::some_unusable);
  if (has_two_digests_of_one(usable_groups(host.records))) faults.push_back(RecordFault::digests);
  if (host.knock && host.knock->verdict == Knock::Verdict::mismatch && host.knock->served.empty()) {
    faults.push_back(RecordFault::stale);
  }
  if (host.knock && host.knock->mixed) faults.push_back(RecordFault::mixed);
  return faults;
}

DomainWay way_of(const SurveyLine& line) {
  std::vector<HostWay> ways;
  for (const SurveyedHost& host : line.hosts) ways.push_back(host.way);
  return way_of(line.domain, ways);
}

}  // namespace danectl
