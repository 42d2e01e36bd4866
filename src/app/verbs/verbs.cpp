#include "app/verbs/verbs.hpp"

#include "app/frame/exit_code.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

ConfigPath config_path(const Invocation& invocation, const Environment& environment) {
  if (!invocation.config.empty()) return {invocation.config, ConfigPath::Chosen::by_a_person};
  if (environment.danectl_config && !environment.danectl_config->empty()) {
    return {*environment.danectl_config, ConfigPath::Chosen::by_a_person};
  }
  return {};
}

using Verb = decltype(Invocation::verb);

// What may not be read is unknown to a verb that only shows things; every other one would act on it.
bool only_shows(const Verb& verb) {
  return std::holds_alternative<StatusOptions>(verb) || std::holds_alternative<CheckOptions>(verb) ||
         std::holds_alternative<RecordsOptions>(verb) || std::holds_alternative<IssuersOptions>(verb) ||
         std::holds_alternative<VerifyOptions>(verb);
}

// A timer's call and certbot's say it only when they are asked to tell all; `check` has a finding for it.
bool tells_of_unread_files(const Verb& verb, Verbosity verbosity) {
  if (std::holds_alternative<CheckOptions>(verb)) return false;
  const bool unattended = std::holds_alternative<RunOptions>(verb) || std::holds_alternative<DeployHookOptions>(verb);
  return !unattended || verbosity >= Verbosity::verbose;
}

Status check_unread(const Settings& settings, const Verb& verb, const Output& output) {
  for (const LineageConfig& lineage : settings.lineages) {
    const std::string path = settings.lineage_path(lineage.name);
    if (!lineage.unread_roots.empty() && !only_shows(verb)) {
      return usage_error(fmt::format("{}: key \"append_root\": {}", path, lineage.unread_roots),
                         "a root certificate is no secret: make the file readable for who runs danectl");
    }
    if (!tells_of_unread_files(verb, output.verbosity)) continue;
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

// Carries out the verbs that need the configuration.
struct WithWorkshop {
  const Workshop shop;
  const Environment& environment;
  std::istream& standard_input;

  int operator()(const EnrollOptions& options) const { return enroll(options, shop); }
  int operator()(const StageOptions& options) const { return stage(options, shop); }
  int operator()(const RecordsOptions& options) const { return records(options, shop); }
  int operator()(const IssuersOptions& options) const { return issuers(options, shop); }
  int operator()(const PromoteOptions& options) const { return promote(options, shop); }
  int operator()(const StatusOptions& options) const { return status(options, shop); }
  int operator()(const DeployHookOptions&) const { return deploy_hook(environment.deploy_hook, shop); }
  int operator()(const PublishOptions& options) const { return publish(options, shop); }
  int operator()(const RetireOptions& options) const { return retire(options, shop); }
  int operator()(const RollbackOptions& options) const { return rollback(options, shop); }
  int operator()(const DiscardOptions& options) const { return discard(options, shop); }
  int operator()(const ReleaseOptions& options) const { return release(options, shop); }
  int operator()(const RunOptions& options) const { return run(options, shop); }
  int operator()(const CheckOptions& options) const { return check(options, shop); }
  int operator()(const CheckMisuse&) const { return exit_unknown; }
  int operator()(const VerifyOptions& options) const { return verify(options, shop, standard_input); }
  int operator()(const SpkiOptions&) const { return exit_usage; }
  int operator()(const Information&) const { return exit_usage; }
};

}  // namespace

int run_verb(const Invocation& invocation, const Environment& environment, World& world, std::istream& standard_input,
             const Output& output) {
  if (const auto* information = std::get_if<Information>(&invocation.verb)) {
    output.out << information->text;
    return exit_done;
  }
  if (const auto* options = std::get_if<SpkiOptions>(&invocation.verb)) {
    return spki(*options, world.files, standard_input, output);
  }
  if (const auto* options = std::get_if<VerifyOptions>(&invocation.verb); options != nullptr && !options->owner) {
    return verify(*options, {world, Settings{}, output}, standard_input);
  }
  // Within danectl's own certbot the configuration is in use already; not even a broken one may be reported there.
  if (std::holds_alternative<DeployHookOptions>(invocation.verb) && environment.deploy_hook.started_by_danectl) {
    return exit_done;
  }
  if (const auto* misuse = std::get_if<CheckMisuse>(&invocation.verb)) {
    return cannot_check(misuse->error, misuse->format, output);
  }
  const auto settings = read_settings(world.files, config_path(invocation, environment));
  if (!settings) {
    if (const auto* options = std::get_if<CheckOptions>(&invocation.verb)) {
      return cannot_check(settings.error(), options->format, output);
    }
    output.trouble(settings.error());
    return exit_code(settings.error().kind);
  }
  if (auto read = check_unread(*settings, invocation.verb, output); !read) {
    output.trouble(read.error());
    return exit_code(read.error().kind);
  }
  return std::visit(WithWorkshop{{world, *settings, output}, environment, standard_input}, invocation.verb);
}

}  // namespace danectl
