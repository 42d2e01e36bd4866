#pragma once

#include "core/config/config.hpp"
#include "ports/clock.hpp"
#include "ports/resolver.hpp"

namespace danectl {

// By libunbound. First the validating resolver is asked (zone_survey.hpp), then whom the parents delegate to
// (parent_round.hpp), then each server (server_round.hpp). The first takes no longer than [dns] timeout, all of them no
// longer than twice that. All contexts are gone when a look returns.
class UnboundResolver : public Resolver {
 public:
  UnboundResolver(DnsConfig config, Clock& clock) : config_(std::move(config)), clock_(clock) {}
  Result<Look> look(const std::vector<DnsName>& owners) override;

 private:
  Result<Look> look_by_contexts(const std::vector<DnsName>& owners);

  DnsConfig config_;
  Clock& clock_;
};

}  // namespace danectl
