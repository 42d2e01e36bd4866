// What `check` sees coming: expiry, renewals that will not happen, hooks and timers that are not there. Pure.
#pragma once

#include "core/check/check_records.hpp"
#include "core/check/finding.hpp"
#include "core/config/config.hpp"

#include <functional>
#include <optional>
#include <string>
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
  std::function<std::string()> how_to_start_timer{};
  std::string how_to_install_hook = "install hooks/certbot/danectl into certbot's renewal-hooks/deploy";
};

std::vector<Finding> check_ahead(const AheadCheck& check);

// Whether `danectl run` is started as it should be; the findings have no lineage.
std::vector<Finding> check_last_run(std::optional<WallTime> last_run, WallTime now,
                                    const std::function<std::string()>& how_to_start_timer);

}  // namespace danectl
