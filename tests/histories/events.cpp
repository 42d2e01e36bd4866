#include "histories/events.hpp"

#include "app/verbs/deploy_hook.hpp"
#include "app/verbs/discard.hpp"
#include "app/verbs/promote.hpp"
#include "app/verbs/publish.hpp"
#include "app/verbs/release.hpp"
#include "app/verbs/retire.hpp"
#include "app/verbs/rollback.hpp"
#include "app/verbs/run.hpp"
#include "app/verbs/stage.hpp"
#include "histories/preview.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <sstream>

namespace danectl {

using Commands = std::vector<std::vector<std::string>>;

void Events::live(int seconds) {
  for (int i = 0; i < seconds; ++i) {
    for (Host& host : hosts_) {
      if (!host.released) happens_to(host);
    }
    happens_to_dns();
    happens_to_clocks();
    if (dns_.something_is_asked_for() && dice_.one_in(8)) change_profile(any_machine());
    if (dice_.one_in(40)) change_configuration();
    if (dice_.one_in(20)) ca_ = static_cast<std::size_t>(dice_.pick(0, 2));
    ca_answers_ = !dice_.one_in(6);
    reloads_work_ = !dice_.one_in(4);
    probes_answer_ = !dice_.one_in(6);
    if (dice_.one_in(60)) back_up(any_machine());
    if (dice_.one_in(100)) restore_backup(any_machine());
    if (kinds_.release && dice_.one_in(100)) release_one();
    next_second();
    for (Machine& machine : machines_) {
      if (machines_.size() > 1 && dice_.one_in(2)) continue;
      dice_.one_in(20) ? runs_as_shown(machine) : run_on(machine);
    }
  }
}

void Events::happens_to(Host& host) {
  if (dice_.one_in(15)) certbot_renews(host, {dice_.one_in(8) ? "other.example.com" : mail_host});
  if (dice_.one_in(60)) lose_reuse_key(host);
  // While a provider has not done yet what it was asked for, people change their minds the more often.
  if (dice_.one_in(dns_.something_is_asked_for() ? 2 : 8)) a_person_acts(host);
}

void Events::a_person_acts(Host& host) {
  const std::string& name = host.name();
  const auto under_danger = [&](const std::string& what, const Verb& verb) {
    Events::under_danger(*host.machine, what, verb);
  };
  switch (dice_.pick(1, kinds_.foreign_by_a_person && alone() ? 9 : 7)) {
    case 1:
      return under_danger("promote " + name, [&] { return promote({.names = {name}}, *shop_); });
    case 2:
      return under_danger("rollback " + name, [&] { return rollback({.name = name}, *shop_); });
    case 3:
      return under_danger("discard " + name, [&] { return discard({.name = name}, *shop_); });
    case 4:
      return under_danger("stage --issue " + name, [&] { return stage({.names = {name}, .issue = true}, *shop_); });
    case 5:
      if (dice_.one_in(2)) return publishes_as_shown(host);
      return under_danger("publish " + name, [&] { return publish({.names = {name}}, *shop_); });
    case 6:
      // By that a person says that the server presents no chain of before.
      if (kinds_.reloads && host.loaded.leaf().fingerprint != deployed(host).leaf().fingerprint) return;
      return under_danger("retire " + name, [&] { return retire({.names = {name}}, *shop_); });
    case 8:
    case 9:
      if (RRset published = dns_.published(); !published.empty()) {
        const Association any = dice_.any(published);
        return under_danger("retire " + name + " --foreign " + any.text(),
                            [&] { return retire({.names = {name}, .foreign = any}, *shop_); });
      }
      return;
    default:
      if (kinds_.reloads && host.loaded.leaf().fingerprint != deployed(host).leaf().fingerprint) return;
      return under_danger("retire --now " + name, [&] { return retire({.names = {name}, .now = true}, *shop_); });
  }
}

// What `publish --dry-run` shows is what `publish` begins with.
void Events::publishes_as_shown(Host& host) {
  const std::string& name = host.name();
  begin_call(*host.machine);
  (void)publish({.names = {name}, .dry_run = true}, *shop_);
  const std::string showed = out_.str() + err_.str();
  bool failed = false;
  const int before = second_;
  call(*host.machine, "publish " + name, [&] {
    const int code = publish({.names = {name}}, *shop_);
    failed = code != 0;
    return code;
  });
  if (second_ != before) return;  // it waited for servers to follow, and they did
  const std::string difference = differs(shown_changes(showed), sent_, failed || kinds_.probes);
  if (difference.empty()) return;
  note("publish --dry-run showed\n" + showed);
  broken(difference);
}

// The step that `run --dry-run` shows for the first lineage is the one that `run` begins with.
void Events::runs_as_shown(Machine& machine) {
  if (machine.settings.lineages.empty()) return run_on(machine);
  const std::string lineage = machine.settings.lineages.front().name;
  begin_call(machine);
  (void)danectl::run({.dry_run = true}, *shop_);
  const std::string shown = shown_step(out_.str(), lineage);
  note("run --dry-run shows " + shown);
  output_.verbosity = Verbosity::verbose;
  call(machine, "run", [&] { return danectl::run({}, *shop_); });
  output_.verbosity = Verbosity::normal;
  const std::string did = first_step(err_.str(), lineage);
  if (is_same_step(shown, did)) return;
  broken("run --dry-run showed \"" + shown + "\", and run did \"" + did + "\"");
}

void Events::certbot_renews(Host& host, const std::vector<std::string>& names) {
  const auto present = read_certbot_lineage(host.lineage.files, host.lineage.certbot_dir(), host.name());
  if (!present) return;  // an install was cut: it fails
  const bool keeps = present->conf.reuse_key.value_or(false) && !dice_.one_in(5);
  const std::string key = keeps ? present->private_key : test_key();
  const Chain fresh = chain(key, names);
  note("certbot renews " + host.name() + (keeps ? " with its key" : " with a new key") + " for " + names.front() +
       " by " + std::to_string(ca_) + ": " + fresh.leaf().key.sha256.substr(0, 8));
  REQUIRE(host.lineage.install({key, fresh}).ok());
  if (dice_.one_in(2)) return;
  const DeployHookEnvironment environment{host.lineage.certbot_dir() + "/live/" + host.name()};
  under_danger(*host.machine, "deploy-hook", [&] { return deploy_hook(environment, *shop_); });
}

void Events::lose_reuse_key(Host& host) {
  auto conf = host.lineage.files.read(host.lineage.conf_path()).value();
  const auto found = conf.find("reuse_key = True");
  if (found == std::string::npos) return;
  conf.replace(found, 16, "reuse_key = False");
  REQUIRE(host.lineage.files.write(host.lineage.conf_path(), conf, {}).ok());
  note("reuse_key is lost by " + host.name());
}

bool Events::keeps_mail_coming(const RRset& records) {
  return std::all_of(hosts_.begin(), hosts_.end(), [&](const Host& host) {
    return satisfies(deployed(host), records) && satisfies(host.loaded, records);
  });
}

void Events::happens_to_dns() {
  const std::string what =
      dns_.something_happens(second_, [&](const RRset& records) { return keeps_mail_coming(records); });
  if (what.empty()) return;
  note(what);
  // What a state of before says of DNS then is not what caches have learnt, and nobody can tell.
  if (kinds_.restored) return;
  for (Machine& machine : machines_) machine.backups.clear();
}

Machine& Events::any_machine() {
  return machines_[static_cast<std::size_t>(dice_.pick(1, static_cast<int>(machines_.size())) - 1)];
}

// Whether one danectl knows all servers on the owner.
bool Events::alone() const {
  return machines_.size() == 1 && std::none_of(hosts_.begin(), hosts_.end(), [](const Host& h) { return h.released; });
}

// What danectl remembers: of lineages and of owners. Keys and generations are as they are.
void Events::back_up(Machine& machine) {
  note("backup");
  std::map<std::string, std::string> contents;
  for (const std::string& folder : {machine.paths().states(), machine.paths().ledgers()}) {
    const std::vector<std::string> files = real_files_.list(folder).value();
    for (const std::string& file : files) {
      if (!file.starts_with('.')) contents[folder + "/" + file] = real_files_.read(folder + "/" + file).value();
    }
  }
  machine.backups.push_back(std::move(contents));
}

void Events::restore_backup(Machine& machine) {
  if (machine.backups.empty()) return;
  dns_.catch_up();  // what was asked for since nobody knows any more
  note("an older state comes back");
  for (const auto& [path, content] : dice_.any(machine.backups)) REQUIRE(real_files_.write(path, content, {}).ok());
}

// Its server goes on with what it has. A record of a stronger digest or of an issuer would bind the others to it.
void Events::release_one() {
  std::size_t enrolled = 0;
  for (const Machine& machine : machines_) enrolled += machine.settings.lineages.size();
  Host& host = hosts_[static_cast<std::size_t>(dice_.pick(0, 1))];
  if (enrolled < 2 || host.released || !has_keys_256_alone()) return;
  under_danger(*host.machine, "release " + host.name(), [&] { return release({.name = host.name()}, *shop_); });
  if (real_files_.info(host.machine->paths().state(host.name())).value()) return;
  note(host.name() + " is released");
  std::erase_if(host.machine->settings.lineages, [&](const LineageConfig& one) { return one.name == host.name(); });
  host.machine->backups.clear();
  host.released = true;
}

bool Events::has_keys_256_alone() const {
  const auto simple = [](const Group& group) { return group.usage == 3 && group.mtype == 1; };
  const RRset& published = dns_.published();
  const auto is_simple = [&](const Association& one) { return simple(one.group); };
  return std::all_of(published.begin(), published.end(), is_simple) &&
         std::all_of(hosts_.begin(), hosts_.end(), [&](const Host& host) {
           if (host.released) return true;
           const Profile& profile = host.config().profile;
           return std::all_of(profile.begin(), profile.end(), simple);
         });
}

void Events::happens_to_clocks() {
  if (dice_.one_in(60)) {
    clock_.is_set();
    time_ = clock_.now(second_);
    note("somebody sets the clock to " + to_rfc3339(time_.wall));
  }
  if (dice_.one_in(60)) reboot();
}

void Events::change_configuration() {
  Machine& machine = any_machine();
  if (machine.settings.lineages.empty()) return;
  LineageConfig& lineage = dice_.any(machine.settings.lineages);
  note("another configuration of " + lineage.name);
  lineage.rollover = dice_.one_in(4) ? std::optional<Seconds>() : Seconds{dice_.pick(1, 20)};
  lineage.retire_after = Seconds{dice_.pick(0, 20)};
  lineage.min_hold = Seconds{dice_.pick(0, 4)};
  lineage.rotation = dice_.one_in(3) ? Rotation::certbot : Rotation::next;
  lineage.further_issuers.clear();
  for (const TestCa& ca : cas_) {
    if (dice_.one_in(3)) lineage.further_issuers.push_back(parse_chain(ca.intermediate_pem()).value().leaf());
  }
  if (kinds_.reloads) lineage.reload = dice_.one_in(2) ? Commands{} : Commands{{"reload", lineage.name}};
  if (dice_.one_in(2)) change_profile(machine);
}

void Events::change_profile(Machine& machine) {
  // Hosts that know nothing of one another cannot change their profiles together.
  if (!alone()) return;
  const Profile profile = dice_.any(kinds_.profiles);
  for (LineageConfig& one : machine.settings.lineages) one.profile = profile;
  std::string text;
  for (const Group& group : profile) text += " " + group.text();
  note("another profile:" + text);
}

void Events::run_on(Machine& machine) {
  under_danger(machine, "run", [&] { return danectl::run({}, *shop_); });
}

void Events::has_run(Machine& machine) {
  dns_.was_looked_at(&machine == &machines_.front() ? 0 : 1);
}

void Events::under_danger(Machine& machine, const std::string& what, const Verb& verb) {
  if (!calm_ && dice_.one_in(10)) {
    files_->cut_at(files_->changes() + dice_.pick(1, 20), dice_.any(moments_));
  }
  call(machine, what, verb);
}

void Events::call(Machine& machine, const std::string& what, const Verb& verb) {
  begin_call(machine);
  hook_works_ = calm_ || !dice_.one_in(6);  // for all that one call publishes
  try {
    const int code = verb();
    note("danectl " + what + " = " + std::to_string(code));
    if (what == "run") has_run(machine);
  } catch (const PowerCut&) {
    note("danectl " + what + " is cut");
    if (dice_.one_in(2)) reboot();
  }
  files_->cut_at(std::numeric_limits<int>::max(), CuttingFiles::When::before);
  std::istringstream lines(out_.str() + err_.str());
  for (std::string line; std::getline(lines, line);) note("    " + line);
  check(what);
  if (err_.str().find("please report") != std::string::npos) broken("the plan did not come to rest");
}

}  // namespace danectl
