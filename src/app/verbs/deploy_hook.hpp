// `danectl deploy-hook`: what certbot starts after a renewal. It takes over a certificate for the current key, and
// notes any other.
#pragma once

#include "app/verbs/verb.hpp"

namespace danectl {

int deploy_hook(const DeployHookEnvironment& environment, const Workshop& shop);

std::unique_ptr<Verb> deploy_hook_verb();

}  // namespace danectl
