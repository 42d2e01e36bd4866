// From a parsed command line to the verb that carries it out.
#pragma once

#include "app/frame/world.hpp"
#include "app/verbs/deploy_hook.hpp"
#include "app/verbs/options.hpp"

#include <istream>
#include <optional>
#include <string>

namespace danectl {

// What of the environment counts.
struct Environment {
  std::optional<std::string> danectl_config;  // DANECTL_CONFIG
  DeployHookEnvironment deploy_hook;
};

// The exit code.
int run_verb(const Invocation& invocation, const Environment& environment, World& world, std::istream& standard_input,
             const Output& output);

}  // namespace danectl
