// Telling the servers: certbot's deploy hooks as certbot runs them, then the lineage's reload commands.
#pragma once

#include "app/store/workshop.hpp"
#include "core/check/check_ahead.hpp"

namespace danectl {

// renewal-hooks/deploy and the recorded renew_hook, with RENEWED_LINEAGE and RENEWED_DOMAINS (danectl(1), BESIDE
// CERTBOT).
// All are run; the error names those that failed.
Status run_certbot_hooks(const Workshop& shop, const std::string& lineage);

// Whether certbot calls danectl after a renewal of the lineage: one of those hooks names it, in a line that is no
// comment.
AheadCheck::DeployHook find_deploy_hook(const Workshop& shop, const std::string& lineage);

// The command that puts danectl's hook among certbot's deploy hooks, before those that reload servers.
std::string how_to_install_hook(const Workshop& shop);

// The `reload` commands in order, with DANECTL_LINEAGE and DANECTL_LIVE. The first that fails ends it.
Status run_reloads(const Workshop& shop, const LineageConfig& lineage);

}  // namespace danectl
