#include "app/verbs/call.hpp"

#include "app/host/trusted_files.hpp"

#include <fmt/format.h>

#include <exception>

namespace danectl {
namespace {

ConfigPath config_path(const Invocation& invocation, const Environment& environment) {
  if (!invocation.config.empty()) return {invocation.config, ConfigPath::Chosen::by_a_person};
  if (environment.danectl_config && !environment.danectl_config->empty()) {
    return {*environment.danectl_config, ConfigPath::Chosen::by_a_person};
  }
  return {};
}

bool only_shows(Purpose purpose) {
  return purpose == Purpose::show || purpose == Purpose::watch;
}

// A timer's call and certbot's say it only when they are asked to tell all; `check` has a finding for it.
bool tells_of_unread_files(Purpose purpose, Verbosity verbosity) {
  if (purpose == Purpose::watch) return false;
  return purpose != Purpose::change_unattended || verbosity >= Verbosity::verbose;
}

Status check_unread(const Settings& settings, Purpose purpose, const Output& output) {
  for (const LineageConfig& lineage : settings.lineages) {
    const std::string path = settings.lineage_path(lineage.name);
    if (!lineage.unread_roots.empty() && !only_shows(purpose)) {
      return invalid(fmt::format("{}: key \"append_root\": {}", path, lineage.unread_roots),
                     "a root certificate is no secret: make the file readable for who runs danectl");
    }
    if (!tells_of_unread_files(purpose, output.verbosity)) continue;
    if (!lineage.unread_roots.empty()) {
      output.warn(fmt::format("{}: key \"append_root\": {}", path, lineage.unread_roots),
                  "which chains it closes is not known");
    }
    for (const std::string& what : lineage.unread_issuers) {
      output.warn(fmt::format("{}: key \"issuers\": {}", path, what),
                  "mend it, or take it out of `issuers`; the records of all issuers known before stay");
    }
  }
  return {};
}

int call_verb(const Invocation& invocation, const Environment& environment, World& world, const Output& output) {
  const Verb& verb = *invocation.verb;
  const ConfigPath path = config_path(invocation, environment);
  if (!verb.needs_settings(environment)) return verb.call({world, unread_settings(path), output}, environment);
  if (verb.is_idle(world.files, path, environment)) return exit_done;
  const auto settings = read_settings(world.files, path);
  if (!settings) return verb.refuse(settings.error(), output);
  if (auto read = check_unread(*settings, verb.purpose(), output); !read) return verb.refuse(read.error(), output);
  if (environment.is_root && !only_shows(verb.purpose())) {
    if (auto good = check_trusted(world.files, *settings); !good) return verb.refuse(good.error(), output);
  }
  return verb.call({world, *settings, output}, environment);
}

int answer(const Invocation& invocation, const Environment& environment, World& world, const Output& output) {
  const Verb* const verb = invocation.verb.get();
  if (invocation.fault) {
    return verb == nullptr ? exit_with(*invocation.fault, output) : verb->refuse(*invocation.fault, output);
  }
  if (verb != nullptr) return call_verb(invocation, environment, world, output);
  output.out << invocation.information;
  return exit_done;
}

// Whatever a library or danectl's own code throws: a monitoring system takes UNKNOWN, and no signal.
int guarded_answer(const Invocation& invocation, const Environment& environment, World& world, const Output& output) {
  try {
    return answer(invocation, environment, world, output);
  } catch (const std::exception& fault) {
    const Error error = failed(fmt::format("a fault of danectl itself: {}", fault.what()),
                               "report it, with the command and this line; no file is half-written");
    return invocation.verb == nullptr ? exit_with(error, output) : invocation.verb->refuse(error, output);
  }
}

}  // namespace

int call(const Invocation& invocation, const Environment& environment, World& world, const Output& output) {
  const int code = guarded_answer(invocation, environment, world, output);
  if (output.out.flush()) return code;
  output.err << "danectl: cannot write to standard output\n";
  if (code != exit_done) return code;
  const bool watching = invocation.verb && invocation.verb->purpose() == Purpose::watch;
  return watching ? exit_code(Severity::unknown) : exit_code(ErrorKind::failed);
}

}  // namespace danectl
