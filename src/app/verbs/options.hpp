// The command line (danectl(1)), parsed and not acted upon.
#pragma once

#include "app/frame/output.hpp"
#include "app/frame/settings.hpp"
#include "app/verbs/check.hpp"
#include "app/verbs/discard.hpp"
#include "app/verbs/enroll.hpp"
#include "app/verbs/issuers.hpp"
#include "app/verbs/promote.hpp"
#include "app/verbs/publish.hpp"
#include "app/verbs/records.hpp"
#include "app/verbs/release.hpp"
#include "app/verbs/retire.hpp"
#include "app/verbs/rollback.hpp"
#include "app/verbs/run.hpp"
#include "app/verbs/spki.hpp"
#include "app/verbs/stage.hpp"
#include "app/verbs/status.hpp"
#include "app/verbs/verify.hpp"

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
