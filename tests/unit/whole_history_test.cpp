// Random histories of all of danectl but its system layer, on real files: two lineages on one owner, name servers, a CA
// and a certbot that do as they like, people who change the configuration and their minds, and power that fails at any
// change of a file. Against the truth, which caches may hold what, promises 1 and 2 must stand.
#include "app/deploy_hook.hpp"
#include "app/discard.hpp"
#include "app/generations.hpp"
#include "app/promote.hpp"
#include "app/publish.hpp"
#include "app/retire.hpp"
#include "app/rollback.hpp"
#include "app/run.hpp"
#include "app/sharing.hpp"
#include "app/stage.hpp"
#include "app/store.hpp"
#include "core/wanted.hpp"
#include "fakes/small_world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>
#include <limits>
#include <random>

using namespace danectl;

namespace {

using Profile = std::vector<Group>;

const std::string mail_host = "mx.example.com";
const Group key_256{3, 1, 1};
const Group key_512{3, 1, 2};
const Group issuer_256{2, 1, 1};
constexpr int ns_ttl = 5;
constexpr int most_ttl = 8;

// RFC 7671: of each usage and selector the strongest digest that the client knows counts (section 9), and any match
// will do. A client for whom nothing is usable does not ask for DANE.
bool satisfies(const Chain& chain, const RRset& rrset, int strongest_known) {
  bool usable = false;
  for (const int usage : {2, 3}) {
    int strongest = 0;
    for (const Association& record : rrset) {
      if (record.group.usage == usage && record.group.mtype <= strongest_known)
        strongest = std::max<int>(strongest, record.group.mtype);
    }
    for (const Association& record : rrset) {
      if (record.group.usage != usage || record.group.mtype != strongest) continue;
      usable = true;
      const auto names = [&](const KeyId& key) { return record.hex == (strongest == 1 ? key.sha256 : key.sha512); };
      const auto& certificates = chain.certificates;
      const auto& hosts = chain.leaf().names;
      if (usage == 3 && names(chain.leaf().key)) return true;
      if (usage == 2 && std::find(hosts.begin(), hosts.end(), mail_host) != hosts.end() &&
          std::any_of(certificates.begin() + 1, certificates.end(), [&](const auto& one) { return names(one.key); }))
        return true;
    }
  }
  return !usable;
}

bool satisfies(const Chain& chain, const RRset& rrset) {
  return satisfies(chain, rrset, 1) && satisfies(chain, rrset, 2);
}

struct NameServer {
  RRset records;
  int ttl = 2;
  bool silent = false;
  int unlisted_at = std::numeric_limits<int>::max();  // resolvers may go on asking it for the TTL of the NS RRset
};

// What a name server gave at one second: a cache may hold it for the TTL.
struct Given {
  int second;
  int ttl;
  RRset records;
};

// A lineage and the mail server that loads what it deploys.
struct Host {
  explicit Host(const std::string& name) : lineage(name) {}
  Host(const std::string& name, const Host& beside) : lineage(name, beside.lineage) {}
  [[nodiscard]] const std::string& name() const { return lineage.name_; }

  TestLineage lineage;
  Chain loaded;
  std::vector<State> backups;
};

class History;

struct HistoryResolver : Resolver {
  explicit HistoryResolver(History& the_history) : history(the_history) {}
  Result<std::vector<OwnerLook>> look(const std::vector<DnsName>& owners) override;
  History& history;
};

struct HistoryAuthority : CertificateAuthority {
  explicit HistoryAuthority(History& the_history) : history(the_history) {}
  Result<Chain> issue(const IssueRequest& request) override;
  [[nodiscard]] bool refused() const override { return true; }
  History& history;
};

class History : private Processes, private Clock {
 public:
  History(unsigned seed, std::vector<Profile> profiles) : random_(seed), profiles_(std::move(profiles)) {
    hosts_.emplace_back("a.example.com");
    hosts_.emplace_back("b.example.com", hosts_.front());
    files_.emplace(hosts_.front().lineage.files);
    settings_.config.certbot_dir = hosts_.front().lineage.certbot_dir();
    settings_.config.state_dir = settings_.config.certbot_dir + "/../state";
    settings_.lineage_folder = settings_.config.certbot_dir + "/../lineages";
    settings_.config.publish = {.method = PublishMethod::hook, .ttl = Seconds{2}, .command = {"publish"}};
    world_.emplace(World{*this, *files_, *this, keys_,
                         [this](const Config&) { return std::make_unique<HistoryResolver>(*this); },
                         [this](const Config&) { return std::make_unique<HistoryAuthority>(*this); },
                         [](const Config&) { return std::make_unique<FakeProbe>(); },
                         [this](const Config&) { return std::make_unique<FakeInspector>(inspection_); }});
    shop_.emplace(Workshop{*world_, settings_, output_});
    REQUIRE(open_store(*files_, paths(), short_wait).ok());
    const Profile profile = any(profiles_);
    RRset initial;
    for (Host& host : hosts_) begin(host, profile, initial);
    std::sort(initial.begin(), initial.end());
    servers_.resize(static_cast<std::size_t>(pick(1, 3)));
    for (NameServer& server : servers_) server.records = initial;
    check("in the beginning");
  }

  void live(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      for (Host& host : hosts_) happens_to(host);
      happens_to_dns();
      happens_to_clocks();
      if (one_in(40)) change_configuration();
      if (one_in(20)) ca_ = static_cast<std::size_t>(pick(0, 2));
      ca_answers_ = !one_in(6);
      reloads_work_ = !one_in(4);
      next_second();
      under_danger("run", [&] { return danectl::run({}, *shop_); });
    }
  }

  // From here on everybody does as the manual says. All must come to its end.
  void calm_down() {
    note("--- calm");
    for (NameServer& server : servers_) server.silent = false;
    dns_answers_ = ca_answers_ = reloads_work_ = hook_works_ = true;
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

  OwnerLook look() {
    const bool any_answers =
        std::any_of(servers_.begin(), servers_.end(), [](const NameServer& one) { return !one.silent; });
    if (!dns_answers_ || !any_answers) return no_answer(time_);
    LookBuilder builder(time_);
    builder.ns_ttl(Seconds{ns_ttl});
    RRset all;  // the most favourable resolver: it must not be what keeps the promise
    for (std::size_t i = 0; i < servers_.size(); ++i) {
      const std::string host = "ns" + std::to_string(i) + ".example.com";
      if (servers_[i].silent) {
        builder.silent(host);
        continue;
      }
      builder.server(host, servers_[i].records, Seconds{servers_[i].ttl});
      for (const Association& record : servers_[i].records) {
        if (std::find(all.begin(), all.end(), record) == all.end()) all.push_back(record);
      }
    }
    return builder.resolver_has(all).done();
  }

  Result<Chain> issue(const IssueRequest& request) {
    if (!ca_answers_) return failed("the CA refuses");
    // With the names of certbot's lineage, as a renewal.
    const auto present = read_certbot_lineage(*files_, settings_.config.certbot_dir, request.lineage);
    if (!present) return present.error();
    return chain(request.private_key, present->chain.leaf().names);
  }

 private:
  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool one_in(int n) { return pick(1, n) == 1; }
  template <class Thing>
  Thing& any(std::vector<Thing>& things) {
    return things[static_cast<std::size_t>(pick(0, static_cast<int>(things.size()) - 1))];
  }
  [[nodiscard]] Paths paths() const { return Paths(settings_.config.state_dir); }
  LineageConfig& configured(const Host& host) {
    return *std::find_if(settings_.lineages.begin(), settings_.lineages.end(),
                         [&](const LineageConfig& lineage) { return lineage.name == host.name(); });
  }
  void note(const std::string& what) { story_.push_back(std::to_string(second_) + ": " + what); }

  void begin(Host& host, const Profile& profile, RRset& records) {
    LineageConfig lineage;
    lineage.name = host.name();
    lineage.tlsa = {test_owner()};
    lineage.profile = profile;
    lineage.rollover = Seconds{pick(1, 20)};
    lineage.retire_after = Seconds{pick(0, 20)};
    lineage.reload = {{"reload", host.name()}};
    settings_.lineages.push_back(lineage);
    const std::string key = test_key();
    const KeyAndChain first{key, chain(key, {mail_host})};
    host.lineage.make(first);
    host.loaded = first.chain;
    REQUIRE(deploy(*files_, paths(), lineage, first).ok());
    for (const Association& record : associations_of(keys_of(first.chain, lineage), profile)) {
      if (std::find(records.begin(), records.end(), record) == records.end()) records.push_back(record);
    }
  }

  // The CA goes by a clock of its own.
  Chain chain(const std::string& key, const std::vector<std::string>& names) {
    const WallTime from = at(second_).wall - std::chrono::hours(1) + Milliseconds{++certificates_};
    return parse_chain(cas_[ca_].issue(names, key, from, from + std::chrono::hours(24 * 90))).value();
  }

  Chain deployed(const Host& host) {
    const auto fact = read_deployed(*files_, paths(), host.name());
    REQUIRE(fact.ok());
    REQUIRE(fact->has_value());
    return (**fact).chain;
  }

  // --- what happens

  void happens_to(Host& host) {
    if (one_in(15)) certbot_renews(host, {one_in(8) ? "other.example.com" : mail_host});
    if (one_in(60)) lose_reuse_key(host);
    if (one_in(60)) {
      note("backup of " + host.name());
      host.backups.push_back(load_state(*files_, paths(), host.name()).value());
    }
    if (one_in(100) && !host.backups.empty()) {
      note("an older state of " + host.name() + " comes back");
      REQUIRE(save_state(*files_, paths(), any(host.backups)).ok());
    }
    if (!one_in(8)) return;
    const std::string& name = host.name();
    switch (pick(1, 7)) {
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
    const bool keeps = present->conf.reuse_key.value_or(false) && !one_in(5);
    const std::string key = keeps ? present->private_key : test_key();
    const Chain fresh = chain(key, names);
    note("certbot renews " + host.name() + (keeps ? " with its key" : " with a new key") + " for " + names.front() +
         " by " + std::to_string(ca_) + ": " + fresh.leaf().key.sha256.substr(0, 8));
    REQUIRE(host.lineage.install({key, fresh}).ok());
    if (one_in(2)) return;
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

  void happens_to_dns() {
    if (one_in(12)) any(servers_).silent = one_in(2);
    if (one_in(15)) any(servers_).ttl = pick(1, most_ttl);
    if (one_in(20)) dns_answers_ = !one_in(4);
    if (one_in(60) && servers_.size() < 4) {
      servers_.push_back(any(servers_));
      servers_.back().silent = false;
    }
    if (one_in(60) && servers_.size() > 1) {
      gone_.push_back(servers_.back());
      gone_.back().unlisted_at = second_;
      servers_.pop_back();
    }
    if (one_in(25)) somebody_deletes_a_record();
    if (one_in(40)) past_zones_.push_back(servers_.front().records);
    if (one_in(80) && !past_zones_.empty()) somebody_sets(servers_.front(), any(past_zones_), "an older zone");
  }

  void somebody_deletes_a_record() {
    NameServer& server = any(servers_);
    if (server.records.empty()) return;
    RRset left = server.records;
    left.erase(left.begin() + pick(0, static_cast<int>(left.size()) - 1));
    somebody_sets(server, left, "a record less");
  }

  // Only what keeps the mail coming: no tool helps against others.
  void somebody_sets(NameServer& server, const RRset& records, const std::string& what) {
    for (const Host& host : hosts_) {
      if (!satisfies(deployed(host), records) || !satisfies(host.loaded, records)) return;
    }
    if (records.empty()) return;
    note("somebody publishes " + what + " at " + std::to_string(&server - servers_.data()));
    server.records = records;
    // What a state of before says of DNS then is not what caches have learnt, and nobody can tell.
    for (Host& host : hosts_) host.backups.clear();
  }

  void happens_to_clocks() {
    // Not both between two looks: then nothing on this host could tell how much time has passed.
    if (one_in(60)) {
      wall_step_ += pick(-50, 50);
    } else if (one_in(60)) {
      reboot();
    }
  }

  void reboot() {
    note("the host boots");
    ++boot_;
    for (Host& host : hosts_) host.loaded = deployed(host);
    set_clock();
  }

  void change_configuration() {
    LineageConfig& lineage = any(settings_.lineages);
    note("another configuration of " + lineage.name);
    lineage.rollover = one_in(4) ? std::optional<Seconds>() : Seconds{pick(1, 20)};
    lineage.retire_after = Seconds{pick(0, 20)};
    lineage.min_hold = Seconds{pick(0, 4)};
    lineage.rotation = one_in(3) ? Rotation::certbot : Rotation::next;
    lineage.further_issuers.clear();
    for (const TestCa& ca : cas_) {
      if (one_in(3)) lineage.further_issuers.push_back(parse_chain(ca.intermediate_pem()).value().leaf());
    }
    if (!one_in(2)) return;
    const Profile profile = any(profiles_);
    for (LineageConfig& one : settings_.lineages) one.profile = profile;
    std::string text;
    for (const Group& group : profile) text += " " + group.text();
    note("another profile:" + text);
  }

  // --- time, and the truth

  void set_clock() {
    time_ = at(second_, "boot-" + std::to_string(boot_));
    time_.wall += Milliseconds{wall_step_ * 1000};
  }

  void next_second() {
    ++second_;
    set_clock();
    for (std::size_t i = 1; i < servers_.size(); ++i) {
      if (calm_ || one_in(3)) servers_[i].records = servers_.front().records;
    }
    for (const NameServer& server : servers_) remember(server);
    for (const NameServer& server : gone_) {
      if (second_ <= server.unlisted_at + ns_ttl) remember(server);
    }
    check("a second has passed");
  }

  void remember(const NameServer& server) {
    if (!server.silent) given_.push_back({second_, server.ttl, server.records});
  }

  Instant now() override { return time_; }
  void sleep(Milliseconds span) override {
    for (; span > Milliseconds{0}; span -= Seconds{1}) next_second();
  }

  template <class Verb>
  void under_danger(const std::string& what, const Verb& verb) {
    if (one_in(10)) {
      files_->cut_at(files_->changes() + pick(1, 20), any(moments_));
    }
    out_.str({});
    err_.str({});
    hook_works_ = !one_in(6);  // for all that one call publishes
    try {
      const int code = verb();
      note("danectl " + what + " = " + std::to_string(code));
    } catch (const PowerCut&) {
      note("danectl " + what + " is cut");
      if (one_in(2)) reboot();
    }
    files_->cut_at(std::numeric_limits<int>::max(), CuttingFiles::When::before);
    std::istringstream lines(out_.str() + err_.str());
    for (std::string line; std::getline(lines, line);) note("    " + line);
    shop_->aliases = std::make_shared<Aliases>();  // of one call
    check(what);
    if (err_.str().find("please report") != std::string::npos) broken("the plan did not come to rest");
  }

  [[noreturn]] void broken(const std::string& what) {
    std::string story;
    for (std::size_t i = story_.size() > 200 ? story_.size() - 200 : 0; i < story_.size(); ++i)
      story += story_[i] + "\n";
    FAIL(story << second_ << ": " << what);
    throw std::logic_error(what);
  }

  // Whatever RRset a cache may hold, it matches what a server presents: what it has loaded or, started anew, what is
  // deployed.
  void check(const std::string& when) {
    std::erase_if(given_, [&](const Given& given) { return given.second + given.ttl < second_; });
    for (const Host& host : hosts_) {
      const Chain now = deployed(host);
      for (const Given& given : given_) {
        if (satisfies(now, given.records) && satisfies(host.loaded, given.records)) continue;
        note("a cache may hold these of " + std::to_string(given.second));
        for (const Association& record : given.records) note("    " + record.text());
        broken(when + ": " + host.name() + " loaded " + host.loaded.leaf().key.sha256.substr(0, 12) + ", deployed " +
               now.leaf().key.sha256.substr(0, 12));
      }
    }
  }

  // --- the rest of the world, as danectl starts it

  Result<Outcome> run(const Command& command) override {
    Outcome outcome;
    outcome.exit_code = 1;
    if (command.argv.front() == "reload" && reloads_work_) {
      for (Host& host : hosts_) {
        if (host.name() == command.argv.back()) host.loaded = deployed(host);
      }
      outcome.exit_code = 0;
    }
    if (command.argv.front() == "publish" && !servers_.front().silent && hook_works_) {
      RRset& records = servers_.front().records;
      const Association record = Association::parse(command.argv.back()).value();
      std::erase(records, record);
      if (command.argv[1] == "add") records.push_back(record);
      std::sort(records.begin(), records.end());
      check("in the middle of an update");
      outcome.exit_code = 0;
    }
    return outcome;
  }

  // --- the calm

  template <class Condition>
  void calm(const std::string& what, const Condition& condition) {
    calm_ = true;
    for (int i = 0; i < 40 * most_ttl; ++i) {
      next_second();
      out_.str({});
      err_.str({});
      (void)danectl::run({}, *shop_);
      delete_foreign_records();
      note(out_.str() + err_.str());
      if (condition()) return;
    }
    for (const NameServer& server : servers_) {
      for (const Association& record : server.records) note("there is " + record.text());
    }
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

  // As `check` tells to: those of profiles of before, and those of somebody else. A digest that two lineages had can
  // only go at once, by hand.
  void delete_foreign_records() {
    const Profile& profile = settings_.lineages.front().profile;
    if (++calm_seconds_ > 5 * most_ttl && std::find(profile.begin(), profile.end(), key_512) == profile.end()) {
      std::erase_if(servers_.front().records, [](const Association& record) { return record.group == key_512; });
    }
    const auto sharing = Sharing::on(*shop_, {test_owner()});
    REQUIRE(sharing.ok());
    for (const PublishedRecord& record : foreign_records(sharing->wants(), {look()})) {
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
    const auto published = [&](const Association& record) { return contains(servers_.front().records, record); };
    return std::all_of(wanted.begin(), wanted.end(), published) &&
           std::all_of(states.begin(), states.end(), [&](const State& state) {
             return !state.pending.reload_since &&
                    std::all_of(state.retiring.begin(), state.retiring.end(),
                                [&](const RetiringRecord& record) { return contains(wanted, record.association); });
           });
  }

  std::mt19937 random_;
  std::vector<Profile> profiles_;
  std::deque<Host> hosts_;
  std::vector<TestCa> cas_ = std::vector<TestCa>(3);
  std::size_t ca_ = 0;
  int certificates_ = 0;
  std::vector<NameServer> servers_;
  std::vector<NameServer> gone_;
  std::vector<RRset> past_zones_;
  std::vector<Given> given_;
  int second_ = 0;
  int boot_ = 0;
  int wall_step_ = 0;
  bool dns_answers_ = true;
  bool ca_answers_ = true;
  bool reloads_work_ = true;
  bool hook_works_ = true;
  bool calm_ = false;
  int calm_seconds_ = 0;
  std::vector<CuttingFiles::When> moments_{CuttingFiles::When::before, CuttingFiles::When::half_way,
                                           CuttingFiles::When::after};
  std::vector<std::string> story_;

  Instant time_ = at(0);
  std::optional<CuttingFiles> files_;
  OpensslKeyMaker keys_;
  Inspection inspection_;
  Settings settings_;
  std::ostringstream out_;
  std::ostringstream err_;
  Output output_{.out = out_, .err = err_};
  std::optional<World> world_;
  std::optional<Workshop> shop_;
};

Result<std::vector<OwnerLook>> HistoryResolver::look(const std::vector<DnsName>& owners) {
  return std::vector<OwnerLook>(owners.size(), history.look());
}

Result<Chain> HistoryAuthority::issue(const IssueRequest& request) {
  return history.issue(request);
}

void live(const std::vector<Profile>& profiles) {
  const char* const wanted = std::getenv("DANECTL_HISTORIES");
  const char* const first = std::getenv("DANECTL_HISTORY");
  const unsigned from = first == nullptr ? 1 : static_cast<unsigned>(std::stoul(first));
  const unsigned many = wanted == nullptr ? 3 : static_cast<unsigned>(std::stoul(wanted));
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
  live({{key_256}, {key_256, key_512}, {key_512}, {issuer_256}, {key_256, issuer_256}});
}
