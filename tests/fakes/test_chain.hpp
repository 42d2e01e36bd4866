// Chains of one CA for mx.example.lab, as a lineage has them.
#pragma once

#include "core/keys/certificate.hpp"
#include "fakes/test_ca.hpp"

namespace danectl {

inline const TestCa& test_ca() {
  static const TestCa made;
  return made;
}

// Valid for 90 days from 2030 on.
inline Chain new_chain(const std::string& private_key = test_key()) {
  const WallTime now{std::chrono::sys_days{std::chrono::year(2030) / 1 / 1}};
  return parse_chain(test_ca().issue({"mx.example.lab"}, private_key, now, now + std::chrono::hours(24 * 90))).value();
}

}  // namespace danectl
