#include "core/survey/survey_summary.hpp"

#include <set>

namespace danectl {
namespace {

template <class Enum>
std::size_t index_of(Enum value) {
  return static_cast<std::size_t>(value);
}

// A host that has the name of a whole domain is its own provider.
DnsName provider_of(const DnsName& host) {
  const DnsName parent = host.parent();
  const bool is_top_level = parent.is_root() || parent.parent().is_root();
  return is_top_level ? host : parent;
}

// Data that is no digest may be as long as a message; the beginning of a certificate or key tells it from others.
std::string short_text(const Association& record) {
  constexpr std::size_t longest = 128;
  if (record.hex.size() <= longest) return record.text();
  return record.group.text() + " " + record.hex.substr(0, longest) + "...";
}

}  // namespace

void SurveySummary::add(SurveyLine& line) {
  if (!line.fault.empty()) {
    ++faulty_lines;
    return;
  }
  const DomainWay way = way_of(line);
  ++domains;
  ++domains_by_way[index_of(way)];
  for (SurveyedHost& host : line.hosts) {
    shared_hosts.add(host.host.text());
    host.shared = !known_hosts_.is_new(host.host.text());
    if (!host.shared) add_host(host);
  }
  add_providers(line, way);
}

void SurveySummary::add_host(const SurveyedHost& host) {
  ++hosts;
  ++hosts_by_way[index_of(host.way)];
  for (const RecordFault fault : faults_of(host)) ++hosts_by_fault[index_of(fault)];
  if (host.knock) ++hosts_by_verdict[index_of(host.knock->verdict)];
  const bool probed = host.knock && (host.knock->verdict == Knock::Verdict::verified ||
                                     host.knock->verdict == Knock::Verdict::mismatch);
  for (const Association& record : host.records) {
    OfRecord& tally = records.add(short_text(record));
    if (!probed) continue;
    ++tally.probed;
    if (contains(host.knock->served, record)) ++tally.served;
  }
}

void SurveySummary::add_providers(const SurveyLine& line, DomainWay way) {
  std::set<DnsName> found;
  for (const SurveyedHost& host : line.hosts) {
    if (!host.host.is_below_or_equal(line.domain.name)) found.insert(provider_of(host.host));
  }
  for (const DnsName& provider : found) {
    OfProvider& tally = providers.add(provider.text());
    if (way == DomainWay::dane || way == DomainWay::partly) ++tally.dane;
  }
}

}  // namespace danectl
