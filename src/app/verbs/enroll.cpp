#include "app/verbs/enroll.hpp"

#include "app/certbot/certbot_damage.hpp"
#include "app/certbot/certbot_lineage.hpp"
#include "app/roll/roll.hpp"
#include "app/store/generations.hpp"
#include "app/store/leftovers.hpp"
#include "app/store/store.hpp"
#include "app/verbs/enroll_choice.hpp"
#include "app/verbs/enroll_owners.hpp"
#include "app/verbs/enroll_report.hpp"
#include "core/config/lineage_text.hpp"
#include "core/config/split_command.hpp"
#include "core/keys/dane_verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace danectl {
namespace {

Error of_option(const std::string& option, const std::string& value, const Error& error) {
  return invalid(fmt::format("{} \"{}\": {}", option, value, error.what), error.hint);
}

template <class T, class Parse>
Status take_all(const std::string& option, const std::vector<std::string>& texts, std::vector<T>& into, Parse parse) {
  for (const std::string& text : texts) {
    auto value = parse(text);
    if (!value) return of_option(option, text, value.error());
    if (std::find(into.begin(), into.end(), *value) == into.end()) into.push_back(std::move(value).value());
  }
  return {};
}

Status take_probes(const std::vector<std::string>& texts, LineageConfig& lineage) {
  for (const std::string& text : texts) {
    auto url = ProbeUrl::parse(text);
    if (!url) return of_option("--probe", text, url.error());
    lineage.probe.push_back(std::move(url).value());
  }
  return {};
}

// What the options say, the same for each NAME.
Result<LineageConfig> from_options(const EnrollOptions& options) {
  LineageConfig lineage;
  if (options.names.empty()) return invalid("enroll wants the NAME of a certbot lineage", "certbot certificates");
  if (options.tlsa.empty() && options.probe.empty()) {
    return invalid("enroll wants to be told where the TLSA records belong: danectl does not guess",
                   "--tlsa _25._tcp.mx.example.com or --probe smtp://mx.example.com:25");
  }
  if (auto taken = take_all("--tlsa", options.tlsa, lineage.tlsa, parse_tlsa_owner); !taken) return taken.error();
  if (auto taken = take_probes(options.probe, lineage); !taken) return taken.error();
  if (!options.profile.empty()) lineage.profile.clear();
  if (auto taken = take_all("--profile", options.profile, lineage.profile, parse_profile_line); !taken) {
    return taken.error();
  }
  if (!options.rotation.empty()) {
    const auto rotation = parse_rotation(options.rotation);
    if (!rotation) return of_option("--rotation", options.rotation, rotation.error());
    lineage.rotation = *rotation;
  }
  if (!options.rollover.empty()) {
    const auto rollover = parse_rollover(options.rollover);
    if (!rollover) return of_option("--rollover", options.rollover, rollover.error());
    lineage.rollover = *rollover;
  }
  if (auto taken = take_all("--reload", options.reload, lineage.reload, split_command); !taken) return taken.error();
  return lineage;
}

bool enrolled(const Settings& settings, const std::string& name) {
  return std::any_of(settings.lineages.begin(), settings.lineages.end(),
                     [&](const LineageConfig& lineage) { return lineage.name == name; });
}

// Senders look at names and dates where the record is of an issuer: the chain has to pass before it is published.
Status check_issuer(const Chain& chain, const LineageConfig& lineage, WallTime now) {
  if (passes_by_its_issuer(chain, lineage, now)) return {};
  if (!keys_of(chain, lineage).anchor) {
    return invalid(fmt::format("the chain of {} has no issuer that records of usage 2 could name", lineage.name),
                   "--profile \"3 1 1\"");
  }
  return invalid(fmt::format("the certificate of {} is not good for the host of each owner, and senders look at "
                             "names and dates where a record names the issuer",
                             lineage.name),
                 "renew it, with each of the hosts in it, or --profile \"3 1 1\"");
}

// Nothing may have been touched when any of the names is refused.
Result<std::vector<LineageConfig>> checked(const EnrollOptions& options, const Workshop& shop) {
  auto model = from_options(options);
  if (!model) return model.error();
  std::vector<std::string> names;
  std::map<std::string, Chain> fresh;
  for (const std::string& name : options.names) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    if (auto good = check_lineage_name(name); !good) return invalid(good.error().what, good.error().hint);
    names.push_back(name);
    if (enrolled(shop.settings, name)) continue;
    auto theirs = read_certbot_lineage(shop.files(), shop.config().certbot_dir, name);
    if (!theirs) {
      Error error = with_way_out(shop.files(), {shop.config().certbot_dir, name, {}}, theirs.error());
      if (error.kind == ErrorKind::failed) error.kind = ErrorKind::invalid;
      return error;
    }
    fresh.emplace(name, std::move(theirs->chain));
  }
  // DNS is asked when all else is right.
  if (!fresh.empty()) {
    const std::string file =
        fresh.size() == 1 ? shop.settings.lineage_path(fresh.begin()->first) : "the file of each lineage";
    if (auto found = find_owners(shop, *model, file); !found) return found.error();
  }
  std::vector<LineageConfig> wanted;
  std::vector<LineageConfig> all = shop.settings.lineages;
  for (const std::string& name : names) {
    LineageConfig& lineage = wanted.emplace_back(*model);
    lineage.name = name;
    const auto chain = fresh.find(name);
    if (chain == fresh.end()) continue;
    if (auto named = check_issuer(chain->second, lineage, shop.world.clock.now().wall); !named) return named.error();
    all.push_back(lineage);
  }
  if (auto shared = check_shared_owners(all); !shared) return shared.error();
  return wanted;
}

Status enroll_one(const Workshop& shop, const LineageConfig& lineage, const Look& look) {
  const std::string& certbot_dir = shop.config().certbot_dir;
  const auto certbot_lock = shop.files().lock_as_certbot(certbot_dir, short_wait);
  if (!certbot_lock) return certbot_lock.error();
  const auto deployed = read_deployed(shop.files(), shop.paths(), lineage.name);
  if (!deployed) return deployed.error();
  auto theirs = read_certbot_lineage(shop.files(), certbot_dir, lineage.name);
  if (!theirs) return theirs.error();
  const KeyType type = theirs->chain.leaf().key.type;
  if (lineage.stages_keys()) {
    if (const auto put = put_reuse_key_back(shop.files(), certbot_dir, lineage.name, type); !put) return put.error();
  }
  if (!*deployed) {
    const KeyAndChain material{std::move(theirs->private_key), std::move(theirs->chain)};
    const auto number = write_generation(shop.files(), shop.paths(), lineage, material);
    if (!number) return number.error();
    if (auto live = switch_live(shop.files(), shop.paths(), lineage.name, *number); !live) return live;
  }
  // Where live/NAME was there already, servers may read it: certbot's chain is then adopted or a candidate like any
  // other.
  Roll roll(shop, lineage, own_look(lineage, look), RollMode::deploy_hook);
  if (auto taken = roll.run(); !taken) {
    return Error{taken.error().kind, "it is not enrolled: " + taken.error().what,
                 "mend that, then call `danectl enroll` again in the same way"};
  }
  if (auto made = shop.files().make_folder(shop.settings.lineage_folder, 0755); !made) return made;
  // Last: a lineage is enrolled when this file is there, and then all before it is done.
  if (auto written =
          shop.files().write(shop.settings.lineage_path(lineage.name), write_lineage_config(lineage), {.mode = 0644});
      !written) {
    return written;
  }
  say_enrolled(shop, lineage, own_look(lineage, look));
  if (!lineage.stages_keys()) return {};
  if (const auto trouble = shop.certbot->not_found(shop.world.processes, shop.config().certbot)) {
    shop.output.warn(fmt::format("{}: {}", lineage.name, trouble->what), trouble->hint);
  }
  if (const auto against = shop.certbot->against_reuse(shop.files(), shop.world.certbot_cli_inis, type)) {
    shop.output.warn(fmt::format("{}: {}", lineage.name, against->what), against->hint);
  }
  return {};
}

}  // namespace

int enroll(const EnrollOptions& options, const Workshop& shop) {
  const auto lineages = checked(options, shop);
  if (!lineages) return exit_with(lineages.error(), shop.output);
  std::vector<LineageConfig> fresh;
  for (const LineageConfig& lineage : *lineages) {
    if (!enrolled(shop.settings, lineage.name)) {
      fresh.push_back(lineage);
    } else if (shop.output.verbosity != Verbosity::quiet) {
      shop.output.out << fmt::format("{}: already enrolled, nothing changed; its settings are in {}\n", lineage.name,
                                     shop.settings.lineage_path(lineage.name));
    }
  }
  if (fresh.empty()) return exit_done;
  if (options.dry_run) {
    for (const LineageConfig& lineage : fresh) say_planned(shop, lineage);
    say_presented(shop, fresh);
    return exit_done;
  }
  const auto lock = open_cleared_store(shop, short_wait);
  if (!lock) return exit_with(lock.error(), shop.output);
  const Look look = look_or_none(shop, owners_of(fresh));
  int code = exit_done;
  std::vector<LineageConfig> enrolled_now;
  for (const LineageConfig& lineage : fresh) {
    if (auto done = enroll_one(shop, lineage, look); !done) {
      code = worse(code, exit_with(lineage.name, done.error(), shop.output));
    } else {
      enrolled_now.push_back(lineage);
    }
  }
  say_presented(shop, enrolled_now);
  say_next_steps(shop, enrolled_now);
  return code;
}

namespace {

class EnrollVerb : public Verb {
 public:
  EnrollVerb() : Verb("enroll", "enrol a lineage of certbot", Purpose::change) {}

  std::string example() const override {
    return "danectl enroll mx.example.com --probe smtp://mx.example.com:25 --reload \"systemctl reload postfix\"";
  }

  void declare(OptionList& options) override {
    options.any_words("NAME", options_.names,
                      "certbot's name of the lineage; without it, on a terminal: choose from a list");
    options.values("--tlsa", options_.tlsa, "owner of the TLSA records, _25._tcp.mx.example.com (repeat)", "OWNER");
    options.values("--probe", options_.probe,
                   "where the service listens, smtp://mx.example.com:25; gives the owner (repeat)", "URL");
    options.values("--profile", options_.profile,
                   "kind of TLSA record: \"3 1 1\" (the default), \"3 1 2\", \"2 1 1\" or \"2 1 2\" (repeat)", "LINE");
    options.value("--rotation", options_.rotation, "who makes new keys: danectl (next, the default) or certbot",
                  "next|certbot");
    options.value("--rollover", options_.rollover,
                  "the age at which danectl run changes to the next key, 90d; without it only a person does", "AGE");
    options.values("--reload", options_.reload, "command that makes the server load the new key (repeat)", "CMD");
    options.dry_run(options_.dry_run);
  }

  int call(const Workshop& shop, const Environment& environment) const override {
    if (!options_.names.empty()) return enroll(options_, shop);
    EnrollOptions chosen = options_;
    if (auto asked = choose_lineage(shop, environment.standard_input, chosen); !asked) {
      return exit_with(asked.error(), shop.output);
    }
    return enroll(chosen, shop);
  }

 private:
  EnrollOptions options_;
};

}  // namespace

std::unique_ptr<Verb> enroll_verb() {
  return std::make_unique<EnrollVerb>();
}

}  // namespace danectl
