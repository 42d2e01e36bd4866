// Live servers as `check` has judged them.
#pragma once

#include "core/check/check_live.hpp"

#include <string>

namespace danectl {

inline EndpointView endpoint_at(const std::string& address, EndpointView::Verdict verdict,
                                const std::string& lineage = "mx.example.com") {
  EndpointView endpoint;
  endpoint.url = ProbeUrl::parse("smtp://mx.example.com:25").value();
  endpoint.lineage = lineage;
  endpoint.address = address;
  endpoint.verdict = verdict;
  return endpoint;
}

}  // namespace danectl
