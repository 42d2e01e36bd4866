// What `check` sees coming: expiry, renewals that will not happen, hooks and timers that are not there. Pure.
#pragma once

#include "core/check/check_records.hpp"
#include "core/check/finding.hpp"
#include "core/config/config.hpp"

#include <optional>
#include <vector>

namespace danectl {

struct AheadCheck {
  const LineageFacts& lineage;
  const std::vector<OwnerLook>& looks;  // of its owners
  const CheckConfig& limits;
  // Whether certbot calls danectl after a renewal: a deploy hook in renewal-hooks/deploy or in the conf names it.
  enum class DeployHook { there, missing, unknown } deploy_hook = DeployHook::unknown;
  std::optional<WallTime> last_run;  // nothing: `danectl run` has never ended here
  Instant now;
  std::vector<DnsName> probed{};  // the owners of all servers that were asked
};

std::vector<Finding> check_ahead(const AheadCheck& check);

}  // namespace danectl
