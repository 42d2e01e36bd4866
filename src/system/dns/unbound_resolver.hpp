#pragma once

#include "core/config/config.hpp"
#include "ports/clock.hpp"
#include "ports/resolver.hpp"

namespace danectl {

// By libunbound. First the validating resolver is asked, then each server (zone_survey.hpp, server_round.hpp); neither
// half takes longer than [dns] timeout. All contexts are gone when a look returns.
class UnboundResolver : public Resolver {
 public:
  UnboundResolver(DnsConfig config, Clock& clock) : config_(std::move(config)), clock_(clock) {}
  Result<Look> look(const std::vector<DnsName>& owners) override;

 private:
  DnsConfig config_;
  Clock& clock_;
};

}  // namespace danectl
