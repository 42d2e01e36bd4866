#include "app/verbs/deploy_hook.hpp"

#include "app/certbot/certbot_lineage.hpp"
#include "app/roll/roll.hpp"
#include "app/store/leftovers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

// certbot is kept waiting for as long; what is missed then, the next `run` or `promote` adopts.
constexpr Milliseconds hook_wait{60'000};

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

std::string name_in(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// Empty: certbot names none.
std::string renewed_folder(const DeployHookEnvironment& environment) {
  std::string renewed = environment.renewed_lineage.value_or("");
  while (renewed.size() > 1 && renewed.back() == '/') renewed.pop_back();
  return renewed;
}

// A live folder may have been moved, so its name says nothing: the conf does.
bool is_of(Files& files, const std::string& certbot_dir, const std::string& name, const std::string& renewed) {
  const auto conf = read_conf_of(files, certbot_dir, name);
  if (!conf) return false;
  const std::string folder = folder_of(conf->cert);
  if (folder == renewed) return true;
  const auto theirs = files.real_path(folder);
  const auto ours = files.real_path(renewed);
  return theirs && ours && *theirs == *ours;
}

// The one of that folder's name is asked first: of ten thousand confs one is read then.
const LineageConfig* find_lineage(const Workshop& shop, const std::string& renewed) {
  const auto& lineages = shop.settings.lineages;
  const auto is_renewed = [&](const LineageConfig& lineage) {
    return is_of(shop.files(), shop.config().certbot_dir, lineage.name, renewed);
  };
  auto found = std::find_if(lineages.begin(), lineages.end(), [&](const LineageConfig& lineage) {
    return lineage.name == name_in(renewed) && is_renewed(lineage);
  });
  if (found == lineages.end()) found = std::find_if(lineages.begin(), lineages.end(), is_renewed);
  return found == lineages.end() ? nullptr : &*found;
}

int take_over(const Workshop& shop, const LineageConfig& lineage) {
  const auto lock = open_cleared_store(shop, hook_wait);
  if (!lock) {
    const int code = exit_with(lineage.name, lock.error(), shop.output);
    return lock.error().kind == ErrorKind::not_yet ? exit_done : code;
  }
  Roll roll(shop, lineage, {}, RollMode::deploy_hook);
  const auto done = roll.run();
  const auto noted = roll.note_hook_error(done ? std::string{} : done.error().what);
  if (!done) return exit_with(lineage.name, done.error(), shop.output);
  return noted ? exit_done : exit_with(lineage.name, noted.error(), shop.output);
}

}  // namespace

int deploy_hook(const DeployHookEnvironment& environment, const Workshop& shop) {
  if (environment.started_by_danectl) return exit_done;
  if (!environment.renewed_lineage || environment.renewed_lineage->empty()) {
    return exit_with(invalid("RENEWED_LINEAGE is not set", "deploy-hook is for certbot to start, as a deploy hook"),
                     shop.output);
  }
  const LineageConfig* const lineage = find_lineage(shop, renewed_folder(environment));
  return lineage == nullptr ? exit_done : take_over(shop, *lineage);
}

namespace {

class DeployHookVerb : public Verb {
 public:
  DeployHookVerb()
      : Verb("deploy-hook", "certbot's verb: take over a renewed certificate (reads RENEWED_LINEAGE)",
             Purpose::change_unattended) {}

  std::string example() const override {
    return "RENEWED_LINEAGE=/etc/letsencrypt/live/mx.example.com danectl deploy-hook";
  }

  void declare(OptionList& /*options*/) override {}

  // Within danectl's own certbot the configuration is in use already; not even a broken one may be reported there.
  bool needs_settings(const Environment& environment) const override {
    return !environment.deploy_hook.started_by_danectl;
  }

  // Where the conf of that name says so, the lineage is that one, and has its file or is not enrolled.
  bool is_idle(Files& files, const ConfigPath& path, const Environment& environment) const override {
    const std::string renewed = renewed_folder(environment.deploy_hook);
    if (renewed.empty()) return false;
    const std::string name = name_in(renewed);
    const auto enrolled = files.info(unread_settings(path).lineage_path(name));
    if (!enrolled || *enrolled) return false;
    const auto config = read_config(files, path);
    return config && is_of(files, config->certbot_dir, name, renewed);
  }

  int call(const Workshop& shop, const Environment& environment) const override {
    return deploy_hook(environment.deploy_hook, shop);
  }
};

}  // namespace

std::unique_ptr<Verb> deploy_hook_verb() {
  return std::make_unique<DeployHookVerb>();
}

}  // namespace danectl
