// What the formats of `check` share: names of things, and counts.
#pragma once

#include "app/check/check_view.hpp"

#include <string>
#include <string_view>

namespace danectl {

// Where a finding is: "smtp://mx.example.com:25 (192.0.2.25)", "_25._tcp.mx.example.com", the lineage. The lineage
// stands in front unless it has the name of the host.
std::string place_of(const Finding& finding);

std::size_t count(const CheckReport& report, Severity severity);

// "1 endpoint", "2 endpoints".
std::string counted(std::size_t number, std::string_view noun);

struct EndpointCount {
  std::size_t asked = 0;
  std::size_t verified = 0;
  std::size_t left_out = 0;
};
EndpointCount count_endpoints(const CheckReport& report);

// "3 lineages, 5 endpoints verified of 6, 1 left out"
std::string what_was_checked(const CheckReport& report);

std::string_view to_text(EndpointView::Verdict verdict);  // "verified", "no-handshake": the names, with '-'

}  // namespace danectl
