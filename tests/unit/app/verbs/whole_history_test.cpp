// Random histories of all of danectl but its system layer, on real files: two lineages on one owner, name servers, a CA
// and a certbot that do as they like, people who change the configuration and their minds, and power that fails at any
// change of a file. Against the truth, which caches may hold what, promises 1 and 2 must stand.
#include "app/publish/sharing.hpp"
#include "app/verbs/deploy_hook.hpp"
#include "app/verbs/discard.hpp"
#include "app/verbs/promote.hpp"
#include "app/verbs/publish.hpp"
#include "app/verbs/retire.hpp"
#include "app/verbs/rollback.hpp"
#include "app/verbs/run.hpp"
#include "app/verbs/stage.hpp"
#include "core/keys/dane_verify.hpp"
#include "core/keys/usable.hpp"
#include "core/rollover/wanted.hpp"
#include "fakes/random_world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>

using namespace danectl;

namespace {

class History : private RandomWorld {
 public:
  History(unsigned seed, std::vector<Profile> profiles) : RandomWorld(seed, std::move(profiles)) {}

  void live(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      for (Host& host : hosts_) happens_to(host);
      happens_to_dns();
      happens_to_clocks();
      if (dice_.one_in(40)) change_configuration();
      if (dice_.one_in(20)) ca_ = static_cast<std::size_t>(dice_.pick(0, 2));
      ca_answers_ = !dice_.one_in(6);
      reloads_work_ = !dice_.one_in(4);
      next_second();
      under_danger("run", [&] { return danectl::run({}, *shop_); });
    }
  }

  // From here on everybody does as the manual says. All must come to its end.
  void calm_down() {
    note("--- calm");
    dns_.calm_down();
    calm_ = true;
    ca_answers_ = reloads_work_ = hook_works_ = true;
    for (LineageConfig& lineage : settings_.lineages) {
      lineage.rollover.reset();
      lineage.min_hold = Seconds{0};
      lineage.retire_after = Seconds{1};
    }
    calm("nothing retires, and all that is wanted is published", [&] { return is_tidy(); });
    for (Host& host : hosts_) certbot_renews(host, {mail_host, "other.example.com"});
    std::vector<std::string> before;
    for (const Host& host : hosts_) before.push_back(deployed(host).leaf().key.sha256);
    for (LineageConfig& lineage : settings_.lineages) lineage.rollover = Seconds{1};
    calm("every lineage that stages keys was promoted", [&] {
      (void)promote({}, *shop_);
      for (std::size_t i = 0; i < hosts_.size(); ++i) {
        if (settings_.lineages[i].stages_keys() && deployed(hosts_[i]).leaf().key.sha256 == before[i]) return false;
      }
      return true;
    });
    for (LineageConfig& lineage : settings_.lineages) lineage.rollover.reset();
    calm("nothing retires any more", [&] { return is_tidy(); });
  }

 private:
  // --- what happens

  void happens_to(Host& host) {
    if (dice_.one_in(15)) certbot_renews(host, {dice_.one_in(8) ? "other.example.com" : mail_host});
    if (dice_.one_in(60)) lose_reuse_key(host);
    if (dice_.one_in(60)) {
      note("backup of " + host.name());
      host.backups.push_back(load_state(*files_, paths(), host.name()).value());
    }
    if (dice_.one_in(100) && !host.backups.empty()) {
      note("an older state of " + host.name() + " comes back");
      REQUIRE(save_state(*files_, paths(), dice_.any(host.backups)).ok());
    }
    if (!dice_.one_in(8)) return;
    const std::string& name = host.name();
    switch (dice_.pick(1, 7)) {
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
      default:
        return under_danger("retire --now " + name, [&] { return retire({.names = {name}, .now = true}, *shop_); });
    }
  }

  void certbot_renews(Host& host, const std::vector<std::string>& names) {
    const auto present = read_certbot_lineage(host.lineage.files, settings_.config.certbot_dir, host.name());
    if (!present) return;  // an install was cut: it fails
    const bool keeps = present->conf.reuse_key.value_or(false) && !dice_.one_in(5);
    const std::string key = keeps ? present->private_key : test_key();
    const Chain fresh = chain(key, names);
    note("certbot renews " + host.name() + (keeps ? " with its key" : " with a new key") + " for " + names.front() +
         " by " + std::to_string(ca_) + ": " + fresh.leaf().key.sha256.substr(0, 8));
    REQUIRE(host.lineage.install({key, fresh}).ok());
    if (dice_.one_in(2)) return;
    const DeployHookEnvironment environment{settings_.config.certbot_dir + "/live/" + host.name()};
    under_danger("deploy-hook", [&] { return deploy_hook(environment, *shop_); });
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
    for (Host& host : hosts_) host.backups.clear();
  }

  void happens_to_clocks() {
    if (dice_.one_in(60) && !booted_) {
      note("somebody sets the clock");
      wall_step_ += dice_.pick(-50, 50);
      stepped_ = true;
    } else if (dice_.one_in(60) && !stepped_) {
      reboot();
    }
  }

  void change_configuration() {
    LineageConfig& lineage = dice_.any(settings_.lineages);
    note("another configuration of " + lineage.name);
    lineage.rollover = dice_.one_in(4) ? std::optional<Seconds>() : Seconds{dice_.pick(1, 20)};
    lineage.retire_after = Seconds{dice_.pick(0, 20)};
    lineage.min_hold = Seconds{dice_.pick(0, 4)};
    lineage.rotation = dice_.one_in(3) ? Rotation::certbot : Rotation::next;
    lineage.further_issuers.clear();
    for (const TestCa& ca : cas_) {
      if (dice_.one_in(3)) lineage.further_issuers.push_back(parse_chain(ca.intermediate_pem()).value().leaf());
    }
    if (!dice_.one_in(2)) return;
    const Profile profile = dice_.any(profiles_);
    for (LineageConfig& one : settings_.lineages) one.profile = profile;
    std::string text;
    for (const Group& group : profile) text += " " + group.text();
    note("another profile:" + text);
  }

  template <class Verb>
  void under_danger(const std::string& what, const Verb& verb) {
    if (!calm_ && dice_.one_in(10)) {
      files_->cut_at(files_->changes() + dice_.pick(1, 20), dice_.any(moments_));
    }
    out_.str({});
    err_.str({});
    hook_works_ = calm_ || !dice_.one_in(6);  // for all that one call publishes
    try {
      const int code = verb();
      note("danectl " + what + " = " + std::to_string(code));
      if (what == "run") booted_ = stepped_ = false;
    } catch (const PowerCut&) {
      note("danectl " + what + " is cut");
      if (dice_.one_in(2) && !stepped_) reboot();
    }
    files_->cut_at(std::numeric_limits<int>::max(), CuttingFiles::When::before);
    std::istringstream lines(out_.str() + err_.str());
    for (std::string line; std::getline(lines, line);) note("    " + line);
    shop_->aliases = std::make_shared<Aliases>();  // of one call
    check(what);
    if (err_.str().find("please report") != std::string::npos) broken("the plan did not come to rest");
  }

  // --- the calm

  template <class Condition>
  void calm(const std::string& what, const Condition& condition) {
    for (int i = 0; i < 40 * RandomDns::most_ttl; ++i) {
      next_second();
      out_.str({});
      err_.str({});
      (void)danectl::run({}, *shop_);
      heed_publish();
      delete_foreign_records();
      note(out_.str() + err_.str());
      if (condition()) return;
    }
    for (const Association& record : dns_.primary()) note("there is " + record.text());
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      const State state = load_state(*files_, paths(), hosts_[i].name()).value();
      for (const RetiringRecord& record : state.retiring)
        note(hosts_[i].name() + " retires " + record.association.text());
      if (state.pending.reload_since) note("a reload is pending");
      for (const Association& record : wanted_associations({settings_.lineages[i], state}))
        note(hosts_[i].name() + " wants " + record.text());
    }
    out_.str({});
    err_.str({});
    output_.verbosity = Verbosity::verbose;
    (void)danectl::run({}, *shop_);
    note(out_.str() + err_.str());
    broken("never: " + what);
  }

  // As `publish` tells to, where records of issuers may not begin for a certificate of another name.
  void heed_publish() {
    for (Host& host : hosts_) {
      const State state = load_state(*files_, paths(), host.name()).value();
      if (state.publish_error.find("the certificate is not for") == std::string::npos) continue;
      if (!certbot_has_all_names(host)) {
        certbot_renews(host, {mail_host, "other.example.com"});
        continue;
      }
      // Its records wait for it: another key's for those of the issuer, or another issuer's.
      for (LineageConfig& lineage : settings_.lineages) {
        if (lineage.names_keys()) {
          std::erase_if(lineage.profile, [](const Group& group) { return group.usage == 2; });
        } else {
          lineage.profile = {key_512};
        }
      }
    }
  }

  bool certbot_has_all_names(Host& host) {
    const auto present = read_certbot_lineage(host.lineage.files, settings_.config.certbot_dir, host.name());
    if (!present) return false;
    const std::vector<std::string>& names = present->chain.leaf().names;
    return std::find(names.begin(), names.end(), mail_host) != names.end();
  }

  // What holds every promotion is deleted by hand, at once, or its kind put into the profile: digests that two lineages
  // had, and under SHA-512 alone all that senders go by that do not know it.
  void delete_or_add_digests() {
    if (++calm_seconds_ <= 5 * RandomDns::most_ttl) return;
    const Profile profile = settings_.lineages.front().profile;
    const bool sha512_alone = std::none_of(profile.begin(), profile.end(), is_known_to_all);
    RRset left;
    Profile holding;
    for (const Association& record : dns_.primary()) {
      const auto is_digest_of = [&](const Group& line) { return are_digests_of_one(line, record.group); };
      const bool holds = std::find(profile.begin(), profile.end(), record.group) == profile.end() &&
                         ((sha512_alone && is_known_to_all(record.group)) ||
                          std::any_of(profile.begin(), profile.end(), is_digest_of));
      if (!holds) {
        left.push_back(record);
      } else if (std::find(holding.begin(), holding.end(), record.group) == holding.end()) {
        holding.push_back(record.group);
      }
    }
    if (keeps_mail_coming(left)) {
      dns_.primary() = left;
    } else if (calm_seconds_ > 10 * RandomDns::most_ttl) {
      for (LineageConfig& lineage : settings_.lineages)
        lineage.profile.insert(lineage.profile.end(), holding.begin(), holding.end());
    }
  }

  // As `check` tells to: those of profiles of before, and those of somebody else.
  void delete_foreign_records() {
    delete_or_add_digests();
    const auto sharing = Sharing::on(*shop_, {test_owner()});
    REQUIRE(sharing.ok());
    for (const PublishedRecord& record : foreign_records(sharing->wants(), {dns_.look(time_)})) {
      (void)retire({.names = {hosts_.front().name()}, .foreign = record.association}, *shop_);
      check("a foreign record was deleted");
    }
  }

  // What one lineage retires the other may still want.
  bool is_tidy() {
    std::vector<State> states;
    std::vector<Association> wanted;
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      states.push_back(load_state(*files_, paths(), hosts_[i].name()).value());
      const auto more = wanted_associations({settings_.lineages[i], states[i]});
      wanted.insert(wanted.end(), more.begin(), more.end());
    }
    const auto published = [&](const Association& record) { return contains(dns_.primary(), record); };
    return std::all_of(wanted.begin(), wanted.end(), published) &&
           std::all_of(states.begin(), states.end(), [&](const State& state) {
             return !state.pending.reload_since &&
                    std::all_of(state.retiring.begin(), state.retiring.end(),
                                [&](const RetiringRecord& record) { return contains(wanted, record.association); });
           });
  }

  bool calm_ = false;
};

// More of them: DANECTL_HISTORIES of the environment says how many, DANECTL_HISTORY the first.
void live(const std::vector<Profile>& profiles) {
  const char* const wanted = std::getenv("DANECTL_HISTORIES");
  const char* const first = std::getenv("DANECTL_HISTORY");
  const unsigned from = first == nullptr ? 1 : static_cast<unsigned>(std::stoul(first));
  const unsigned many = wanted == nullptr ? 1 : static_cast<unsigned>(std::stoul(wanted));
  for (unsigned seed = from; seed < from + many; ++seed) {
    INFO("seed " << seed);
    History history(seed, profiles);
    history.live(200);
    history.calm_down();
  }
}

}  // namespace

TEST_CASE("Over random histories of the whole, records of keys") {
  live({{key_256}});
}

TEST_CASE("Over random histories of the whole, records of issuers") {
  live({{issuer_256}});
}

TEST_CASE("Over random histories of the whole, records of keys and issuers") {
  live({{key_256, issuer_256}});
}

TEST_CASE("Over random histories of the whole, profiles that change") {
  live({{key_256},
        {key_512},
        {key_256, key_512},
        {issuer_256},
        {issuer_512},
        {key_256, issuer_256},
        {key_512, issuer_256}});
}
