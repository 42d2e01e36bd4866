// The command line (danectl(1)), parsed and not acted upon.
#pragma once

#include "app/check.hpp"
#include "app/discard.hpp"
#include "app/enroll.hpp"
#include "app/output.hpp"
#include "app/promote.hpp"
#include "app/publish.hpp"
#include "app/issuers.hpp"
#include "app/records.hpp"
#include "app/release.hpp"
#include "app/retire.hpp"
#include "app/rollback.hpp"
#include "app/run.hpp"
#include "app/settings.hpp"
#include "app/spki.hpp"
#include "app/stage.hpp"
#include "app/status.hpp"
#include "app/verify.hpp"

#include <string>
#include <variant>

namespace danectl {

struct DeployHookOptions {};

// --help and --version: text for standard output.
struct Information {
  std::string text;
};

// A command line of `check` that cannot be parsed: also that is said as `check` says things.
struct CheckMisuse {
  Error error;
  CheckFormat format = CheckFormat::text;
};

struct Invocation {
  std::string config;  // of --config; empty: not given
  Verbosity verbosity = Verbosity::normal;
  std::variant<Information, SpkiOptions, EnrollOptions, StageOptions, RecordsOptions, IssuersOptions, PromoteOptions,
               StatusOptions, DeployHookOptions, PublishOptions, RetireOptions, RollbackOptions, DiscardOptions,
               ReleaseOptions, RunOptions, CheckOptions, CheckMisuse, VerifyOptions>
      verb;
};

// A usage error for what cannot be parsed, unless it is `check` that was called. `version` is what --version prints.
Result<Invocation> parse_command_line(int argc, const char* const* argv, const std::string& version);

}  // namespace danectl
