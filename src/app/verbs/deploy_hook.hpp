// `danectl deploy-hook`: what certbot starts after a renewal. It takes over a certificate for the current key, and
// notes any other.
#pragma once

#include "app/store/workshop.hpp"

#include <optional>
#include <string>

namespace danectl {

struct DeployHookEnvironment {
  std::optional<std::string> renewed_lineage;  // RENEWED_LINEAGE
  bool started_by_danectl = false;             // DANECTL_ACTIVE
};

int deploy_hook(const DeployHookEnvironment& environment, const Workshop& shop);

}  // namespace danectl
