// Random histories of all of danectl but its system layer, on real files: two lineages on one owner, name servers, a CA
// and a certbot that do as they like, people who change the configuration and their minds, and power that fails at any
// change of a file. Against the truth, which caches may hold what, promises 1 and 2 must stand.
#include "app/roll/roll.hpp"
#include "app/verbs/deploy_hook.hpp"
#include "app/verbs/discard.hpp"
#include "app/verbs/promote.hpp"
#include "app/verbs/publish.hpp"
#include "app/verbs/release.hpp"
#include "app/verbs/retire.hpp"
#include "app/verbs/rollback.hpp"
#include "app/verbs/run.hpp"
#include "app/verbs/stage.hpp"
#include "core/keys/key_material.hpp"
#include "fakes/random_world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>

using namespace danectl;

namespace {

class History : private RandomWorld {
 public:
  History(unsigned seed, const Kinds& kinds) : RandomWorld(seed, kinds) {}

  void live(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      for (Host& host : hosts_) {
        if (!host.released) happens_to(host);
      }
      happens_to_dns();
      happens_to_clocks();
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
        if (machines_.size() == 1 || dice_.one_in(2)) run_on(machine);
      }
    }
  }

  // From here on everybody does as the manual says. All must come to its end.
  void calm_down() {
    note("--- calm");
    dns_.calm_down();
    calm_ = true;
    ca_answers_ = reloads_work_ = hook_works_ = probes_answer_ = true;
    // A hook sends one record at a time. Where lineages share an owner no order of them begins another line of a
    // profile: a person takes a method that makes a change whole.
    if (kinds_.profiles.size() > 1 || kinds_.profiles.front().size() > 1) {
      for (Machine& machine : machines_) machine.settings.config.publish.method = PublishMethod::nsupdate;
    }
    dns_.forget_neighbours();  // a person will delete what nobody here knows
    const auto for_each = [&](const std::function<void(LineageConfig&)>& what) {
      for (Machine& machine : machines_) {
        for (LineageConfig& lineage : machine.settings.lineages) what(lineage);
      }
    };
    for_each([](LineageConfig& lineage) {
      lineage.rollover.reset();
      lineage.min_hold = Seconds{0};
      lineage.retire_after = Seconds{1};
    });
    calm("nothing retires, and all that is wanted is published", [&] { return is_tidy(); });
    std::map<std::string, std::string> before;
    for (Host& host : hosts_) {
      if (!host.released) certbot_renews(host, {mail_host, "other.example.com"});
      before[host.name()] = deployed(host).leaf().key.sha256;
    }
    for_each([](LineageConfig& lineage) { lineage.rollover = Seconds{1}; });
    calm("every lineage that stages keys was promoted", [&] {
      for (const Machine& machine : machines_) call(machine, "promote", [&] { return promote({}, *shop_); });
      return std::all_of(hosts_.begin(), hosts_.end(), [&](const Host& host) {
        return host.released || !host.config().stages_keys() || deployed(host).leaf().key.sha256 != before[host.name()];
      });
    });
    for_each([](LineageConfig& lineage) { lineage.rollover.reset(); });
    calm("nothing retires any more", [&] { return is_tidy(); });
  }

 private:
  // --- what happens

  void happens_to(Host& host) {
    if (dice_.one_in(15)) certbot_renews(host, {dice_.one_in(8) ? "other.example.com" : mail_host});
    if (dice_.one_in(60)) lose_reuse_key(host);
    if (!dice_.one_in(8)) return;
    const std::string& name = host.name();
    const auto under_danger = [&](const std::string& what, const auto& verb) {
      this->under_danger(*host.machine, what, verb);
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
        return under_danger("publish " + name, [&] { return publish({.names = {name}}, *shop_); });
      case 6:
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
        return under_danger("retire --now " + name, [&] { return retire({.names = {name}, .now = true}, *shop_); });
    }
  }

  void certbot_renews(Host& host, const std::vector<std::string>& names) {
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

  void lose_reuse_key(Host& host) {
    auto conf = host.lineage.files.read(host.lineage.conf_path()).value();
    const auto found = conf.find("reuse_key = True");
    if (found == std::string::npos) return;
    conf.replace(found, 16, "reuse_key = False");
    REQUIRE(host.lineage.files.write(host.lineage.conf_path(), conf, {}).ok());
    note("reuse_key is lost by " + host.name());
  }

  bool keeps_mail_coming(const RRset& records) {
    return std::all_of(hosts_.begin(), hosts_.end(), [&](const Host& host) {
      return satisfies(deployed(host), records) && satisfies(host.loaded, records);
    });
  }

  void happens_to_dns() {
    const std::string what =
        dns_.something_happens(second_, [&](const RRset& records) { return keeps_mail_coming(records); });
    if (what.empty()) return;
    note(what);
    // What a state of before says of DNS then is not what caches have learnt, and nobody can tell.
    if (kinds_.restored) return;
    for (Machine& machine : machines_) machine.backups.clear();
  }

  Machine& any_machine() {
    return machines_[static_cast<std::size_t>(dice_.pick(1, static_cast<int>(machines_.size())) - 1)];
  }

  // Whether one danectl knows all servers on the owner.
  bool alone() const {
    return machines_.size() == 1 &&
           std::none_of(hosts_.begin(), hosts_.end(), [](const Host& h) { return h.released; });
  }

  // What danectl remembers: of lineages and of owners. Keys and generations are as they are.
  void back_up(Machine& machine) {
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

  void restore_backup(Machine& machine) {
    if (machine.backups.empty()) return;
    dns_.catch_up();  // what was asked for since nobody knows any more
    note("an older state comes back");
    for (const auto& [path, content] : dice_.any(machine.backups)) REQUIRE(real_files_.write(path, content, {}).ok());
  }

  // Its server goes on with what it has. A record of a stronger digest or of an issuer would bind the others to it.
  void release_one() {
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

  bool has_keys_256_alone() {
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

  void happens_to_clocks() {
    if (dice_.one_in(60) && !booted_) {
      note("somebody sets the clock");
      wall_step_ += dice_.pick(-50, 50);
      stepped_ = true;
      for (Machine& machine : machines_) machine.has_looked = false;
    } else if (dice_.one_in(60) && !stepped_) {
      reboot();
    }
  }

  void change_configuration() {
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
    // Hosts that know nothing of one another cannot change their profiles together.
    if (!alone() || !dice_.one_in(2)) return;
    const Profile profile = dice_.any(kinds_.profiles);
    for (LineageConfig& one : machine.settings.lineages) one.profile = profile;
    std::string text;
    for (const Group& group : profile) text += " " + group.text();
    note("another profile:" + text);
  }

  void run_on(Machine& machine) {
    under_danger(machine, "run", [&] { return danectl::run({}, *shop_); });
  }

  void has_run(Machine& machine) {
    machine.has_looked = true;
    dns_.was_looked_at(&machine == &machines_.front() ? 0 : 1);
    if (std::any_of(machines_.begin(), machines_.end(), [](const Machine& one) { return !one.has_looked; })) return;
    booted_ = stepped_ = false;
  }

  template <class Verb>
  void under_danger(Machine& machine, const std::string& what, const Verb& verb) {
    if (!calm_ && dice_.one_in(10)) {
      files_->cut_at(files_->changes() + dice_.pick(1, 20), dice_.any(moments_));
    }
    begin_call(machine);
    hook_works_ = calm_ || !dice_.one_in(6);  // for all that one call publishes
    try {
      const int code = verb();
      note("danectl " + what + " = " + std::to_string(code));
      if (what == "run") has_run(machine);
    } catch (const PowerCut&) {
      note("danectl " + what + " is cut");
      if (dice_.one_in(2) && !stepped_) reboot();
    }
    files_->cut_at(std::numeric_limits<int>::max(), CuttingFiles::When::before);
    std::istringstream lines(out_.str() + err_.str());
    for (std::string line; std::getline(lines, line);) note("    " + line);
    check(what);
    if (err_.str().find("please report") != std::string::npos) broken("the plan did not come to rest");
  }

  // --- the calm

  template <class Condition>
  void calm(const std::string& what, const Condition& condition) {
    for (int i = 0; i < 40 * RandomDns::most_ttl; ++i) {
      next_second();
      for (Machine& machine : machines_) {
        call(machine, "run", [&] { return danectl::run({}, *shop_); });
        for (const LineageConfig& lineage : machine.settings.lineages) {
          call(machine, "retire " + lineage.name, [&] { return retire({.names = {lineage.name}}, *shop_); });
        }
      }
      renew_for_all_names();
      delete_foreign_records();
      if (condition()) return;
    }
    for (const Association& record : dns_.published()) note("there is " + record.text());
    for (const Host& host : hosts_) {
      for (const Association& record : wanted(host)) note(host.name() + " wants " + record.text());
    }
    output_.verbosity = Verbosity::verbose;
    for (Machine& machine : machines_) call(machine, "run", [&] { return danectl::run({}, *shop_); });
    broken("never: " + what);
  }

  template <class Verb>
  void call(const Machine& machine, const std::string& what, const Verb& verb) {
    begin_call(machine);
    const int code = verb();
    if (const std::string said = out_.str() + err_.str(); !said.empty()) {
      note("danectl " + what + " = " + std::to_string(code) + "\n    " + said);
    }
    check(what);
  }

  // Records of issuers begin for no certificate that is not for the host. certbot gets one that is. Where its records
  // wait for those of the issuer, a person begins with the other lines of the profile, or with another one.
  void renew_for_all_names() {
    ++calm_seconds_;
    for (Host& host : hosts_) {
      if (host.released || !host.config().names_issuers()) continue;
      if (!certbot_has_all_names(host)) certbot_renews(host, {mail_host, "other.example.com"});
      const std::vector<std::string> names = deployed(host).leaf().names;
      const bool good = std::find(names.begin(), names.end(), mail_host) != names.end();
      if (good || calm_seconds_ < 10 * RandomDns::most_ttl) continue;
      for (LineageConfig& lineage : host.machine->settings.lineages) {
        if (lineage.names_keys()) {
          std::erase_if(lineage.profile, [](const Group& group) { return group.usage == 2; });
        } else {
          lineage.profile = {key_512};
        }
      }
    }
  }

  bool certbot_has_all_names(Host& host) {
    const auto present = read_certbot_lineage(host.lineage.files, host.lineage.certbot_dir(), host.name());
    if (!present) return false;
    const std::vector<std::string>& names = present->chain.leaf().names;
    return std::find(names.begin(), names.end(), mail_host) != names.end();
  }

  // As `check` tells to: those of profiles of before, and those of somebody else. Where another host is on the owner
  // only a person knows which are whose.
  void delete_foreign_records() {
    RRset foreign = dns_.published();
    for (const Machine& machine : machines_) {
      const RRset theirs = foreign_to(machine);
      std::erase_if(foreign, [&](const Association& record) { return !has(theirs, record); });
    }
    if (alone()) {
      for (const Association& record : foreign) {
        if (dns_.primary().at(test_owner()).from_wildcard) {  // there a person deletes it by hand
          std::erase(dns_.primary().wildcard, record);
          continue;
        }
        call(machines_.front(), "retire --foreign " + record.text(), [&] {
          return retire({.names = {machines_.front().settings.lineages.front().name}, .foreign = record}, *shop_);
        });
      }
      return;
    }
    RRset left = dns_.published();
    std::erase_if(left, [&](const Association& record) {
      return has(foreign, record) && std::none_of(hosts_.begin(), hosts_.end(), [&](const Host& host) {
               return host.released && has(wanted(host), record);
             });
    });
    if (left != dns_.published()) dns_.put(left);
    check("a person deletes records of nobody");
  }

  RRset foreign_to(const Machine& machine) {
    begin_call(machine);
    if (machine.settings.lineages.empty()) return dns_.published();
    const auto looks = look_at(*shop_, {test_owner()});
    REQUIRE(looks.ok());
    Roll roll(*shop_, machine.settings.lineages.front(), *looks, RollMode::settle);
    REQUIRE(roll.preview().ok());
    RRset foreign;
    for (const PlaceFact& place : roll.facts().places) foreign = place.foreign;
    return foreign;
  }

  // All lines of the profile, for what is deployed, for the next key and for what certbot brought besides; reckoned
  // here from the files alone.
  RRset wanted(const Host& host) {
    RRset all;
    const Profile profile = host.released ? Profile{key_256} : host.config().profile;
    const auto add = [&](const KeyId& key, const KeyId& issuer) {
      for (const Group& line : profile) all.push_back(digest_of(line.usage == 3 ? key : issuer, line));
    };
    const Chain now = deployed(host);
    add(now.leaf().key, now.certificates[1].key);
    if (host.released) {
      add(host.loaded.leaf().key, now.certificates[1].key);
      return all;
    }
    const Paths paths = host.machine->paths();
    if (const auto next = real_files_.read(paths.next_key(host.name()))) {
      const auto pem = real_files_.read(paths.next_chain(host.name()));
      const Chain like = pem ? parse_chain(*pem).value() : now;
      add(read_private_key(*next).value(), like.certificates[1].key);
    }
    if (const auto copies = real_files_.list(paths.candidates(host.name()))) {
      for (const std::string& copy : *copies) {
        const auto pem = real_files_.read(paths.candidate(host.name(), copy) + "/fullchain.pem");
        REQUIRE(pem.ok());
        const Chain chain = parse_chain(*pem).value();
        add(chain.leaf().key, chain.certificates[1].key);
      }
    }
    for (const Certificate& issuer : host.config().further_issuers) {
      for (const Group& line : profile) {
        if (line.usage == 2) all.push_back(digest_of(issuer.key, line));
      }
    }
    return all;
  }

  // Published is what is wanted and nothing else, and servers present what is deployed.
  bool is_tidy() {
    RRset all;
    for (const Host& host : hosts_) {
      const RRset more = wanted(host);
      all.insert(all.end(), more.begin(), more.end());
      if (!host.released && host.loaded.leaf().fingerprint != deployed(host).leaf().fingerprint) return false;
    }
    const RRset& published = dns_.published();
    return std::all_of(all.begin(), all.end(), [&](const Association& one) { return has(published, one); }) &&
           std::all_of(published.begin(), published.end(), [&](const Association& one) { return has(all, one); });
  }

  bool calm_ = false;
  int calm_seconds_ = 0;
};

// More of them: DANECTL_HISTORIES of the environment says how many, DANECTL_HISTORY the first.
void live(const Kinds& kinds) {
  const char* const wanted = std::getenv("DANECTL_HISTORIES");
  const char* const first = std::getenv("DANECTL_HISTORY");
  const unsigned from = first == nullptr ? 1 : static_cast<unsigned>(std::stoul(first));
  const unsigned many = wanted == nullptr ? 1 : static_cast<unsigned>(std::stoul(wanted));
  for (unsigned seed = from; seed < from + many; ++seed) {
    INFO("seed " << seed);
    History history(seed, kinds);
    history.live(200);
    history.calm_down();
  }
}

const std::vector<Profile> every_profile{
    {key_256}, {key_512}, {key_256, key_512}, {issuer_256}, {issuer_512}, {key_256, issuer_256}, {key_512, issuer_256}};

}  // namespace

TEST_CASE("Over random histories of the whole, records of keys") {
  live({.profiles = {{key_256}}});
}

TEST_CASE("Over random histories of the whole, records of issuers") {
  live({.profiles = {{issuer_256}}});
}

TEST_CASE("Over random histories of the whole, records of keys and issuers") {
  live({.profiles = {{key_256, issuer_256}}});
}

TEST_CASE("Over random histories of the whole, profiles that change") {
  live({.profiles = every_profile});
}

TEST_CASE("Over random histories of the whole, updates with prerequisites, and probes") {
  live({.profiles = every_profile, .probes = true, .nsupdate = true});
}

TEST_CASE("Over random histories of the whole, records of others") {
  live({.profiles = every_profile, .others = {.records = true}});
}

TEST_CASE("Over random histories of the whole, wildcards") {
  live({.profiles = every_profile, .others = {.wildcards = true}});
}

TEST_CASE("Over random histories of the whole, slow providers") {
  live({.profiles = every_profile, .others = {.slow = true}, .nsupdate = true});
}

TEST_CASE("Over random histories of the whole, an old state that comes back") {
  live({.profiles = every_profile, .restored = true});
}

TEST_CASE("Over random histories of the whole, a person deletes foreign records") {
  live({.profiles = every_profile, .others = {.records = true}, .foreign_by_a_person = true});
}

TEST_CASE("Over random histories of the whole, a lineage is released") {
  live({.profiles = {{key_256}}, .release = true});
}

TEST_CASE("Over random histories of the whole, two hosts on one owner") {
  live({.profiles = {{key_256}}, .two_machines = true, .probes = true, .release = true, .nsupdate = true});
}

TEST_CASE("Over random histories of the whole, aliases that move") {
  live({.profiles = every_profile, .others = {.aliases = true}});
}

TEST_CASE("Over random histories of the whole, everything") {
  live({.profiles = every_profile,
        .others = {.records = true, .wildcards = true, .aliases = true, .slow = true},
        .probes = true,
        .foreign_by_a_person = true,
        .release = true,
        .restored = true,
        .nsupdate = true});
}
