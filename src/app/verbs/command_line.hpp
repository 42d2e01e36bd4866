// The command line (danectl(1)), parsed and not acted upon.
#pragma once

#include "app/frame/output.hpp"
#include "app/verbs/verb.hpp"

#include <memory>
#include <optional>
#include <string>

namespace danectl {

struct Invocation {
  std::unique_ptr<Verb> verb;  // none: there is a fault before it, or --help or --version was asked for
  std::string information;     // of --help and --version, for standard output
  std::optional<Error> fault;  // the command line cannot be parsed: the verb refuses it
  std::string config;          // of --config; empty: not given
  Verbosity verbosity = Verbosity::normal;
};

// `version` is what --version prints.
Invocation parse_command_line(int argc, const char* const* argv, const std::string& version);

}  // namespace danectl
