// From a parsed command line to the verb that carries it out.
#pragma once

#include "app/verbs/command_line.hpp"

namespace danectl {

// Does what the command line asks for, or says what is wrong with it. The exit code.
int call(const Invocation& invocation, const Environment& environment, World& world, const Output& output);

}  // namespace danectl
