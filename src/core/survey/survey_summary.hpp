// What the lines of a survey come to, in memory that does not grow with their number.
#pragma once

#include "core/survey/recent_names.hpp"
#include "core/survey/survey_line.hpp"
#include "core/survey/top_counts.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace danectl {

class SurveySummary {
 public:
  struct OfRecord {
    std::uint64_t probed = 0;  // hosts that name it and were probed with success
    std::uint64_t served = 0;  // of these, those that show its key or certificate
  };
  struct OfProvider {
    std::uint64_t dane = 0;  // of the domains, those whose way is `dane` or `partly`
  };
  struct OfHost {};

  // Lines come in the order of the list. `shared` of its hosts is filled in.
  void add(SurveyLine& line);

  std::uint64_t domains = 0;
  std::uint64_t faulty_lines = 0;
  std::array<std::uint64_t, 6> domains_by_way{};  // by DomainWay
  // Each host counts once, as long as it is remembered.
  std::uint64_t hosts = 0;
  std::array<std::uint64_t, 6> hosts_by_way{};      // by HostWay
  std::array<std::uint64_t, 5> hosts_by_fault{};    // by RecordFault
  std::array<std::uint64_t, 4> hosts_by_verdict{};  // by Knock::Verdict, of those that were to be probed
  TopCounts<OfRecord> records{kept};                // hosts that name each
  // The domain that the host's name is in, for hosts that are not in the mail domain itself: domains for each. No list
  // of public suffixes is asked.
  TopCounts<OfProvider> providers{kept};
  TopCounts<OfHost> shared_hosts{kept};  // domains for each

 private:
  static constexpr std::size_t kept = 4096;
  void add_host(const SurveyedHost& host);
  void add_providers(const SurveyLine& line, DomainWay way);

  RecentNames known_hosts_{std::size_t{1} << 18U};
};

}  // namespace danectl
