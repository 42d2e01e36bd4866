// The world of random histories: two lineages on one owner with the mail servers that load what they deploy, a CA of
// three issuers, name servers, and the truth, which is what caches may hold and what servers present.
#pragma once

#include "app/store/generations.hpp"
#include "app/store/store.hpp"
#include "fakes/random_dns.hpp"
#include "fakes/small_world.hpp"

#include <algorithm>
#include <deque>

namespace danectl {

using Profile = std::vector<Group>;

inline const std::string mail_host = "mx.example.com";
inline constexpr Group key_256{3, 1, 1};
inline constexpr Group key_512{3, 1, 2};
inline constexpr Group issuer_256{2, 1, 1};
inline constexpr Group issuer_512{2, 1, 2};

// RFC 7671: of each usage and selector the strongest digest that the client knows counts (section 9), and any match
// will do. A client for whom nothing is usable does not ask for DANE.
inline bool satisfies(const Chain& chain, const RRset& rrset, int strongest_known) {
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

inline bool satisfies(const Chain& chain, const RRset& rrset) {
  return satisfies(chain, rrset, 1) && satisfies(chain, rrset, 2);
}

// A lineage and the mail server that loads what it deploys.
struct Host {
  explicit Host(const std::string& name) : lineage(name) {}
  Host(const std::string& name, const Host& beside) : lineage(name, beside.lineage) {}
  [[nodiscard]] const std::string& name() const { return lineage.name_; }

  TestLineage lineage;
  Chain loaded;
  std::vector<State> backups;
};

class RandomWorld : private Processes, private Clock {
 protected:
  RandomWorld(unsigned seed, std::vector<Profile> profiles) : dice_(seed), profiles_(std::move(profiles)) {
    hosts_.emplace_back("a.example.com");
    hosts_.emplace_back("b.example.com", hosts_.front());
    files_.emplace(hosts_.front().lineage.files);
    settings_.config.certbot_dir = hosts_.front().lineage.certbot_dir();
    settings_.config.state_dir = settings_.config.certbot_dir + "/../state";
    settings_.lineage_folder = settings_.config.certbot_dir + "/../lineages";
    settings_.config.publish = {.method = PublishMethod::hook, .ttl = Seconds{2}, .command = {"publish"}};
    world_.emplace(World{*this, *files_, *this, keys_,
                         [this](const Config&) { return std::make_unique<DnsResolver>(*this); },
                         [this](const Config&) { return std::make_unique<Authority>(*this); },
                         [](const Config&) { return std::make_unique<FakeProbe>(); },
                         [this](const Config&) { return std::make_unique<FakeInspector>(inspection_); }});
    shop_.emplace(Workshop{*world_, settings_, output_});
    REQUIRE(open_store(*files_, paths(), short_wait).ok());
    const Profile profile = dice_.any(profiles_);
    RRset initial;
    for (Host& host : hosts_) begin(host, profile, initial);
    std::sort(initial.begin(), initial.end());
    dns_.begin(initial);
    check("in the beginning");
  }

  [[nodiscard]] Paths paths() const { return Paths(settings_.config.state_dir); }
  void note(const std::string& what) { story_.push_back(std::to_string(second_) + ": " + what); }

  void begin(Host& host, const Profile& profile, RRset& records) {
    LineageConfig lineage;
    lineage.name = host.name();
    lineage.tlsa = {test_owner()};
    lineage.profile = profile;
    lineage.rollover = Seconds{dice_.pick(1, 20)};
    lineage.retire_after = Seconds{dice_.pick(0, 20)};
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

  // --- time, and the truth

  void set_clock() {
    time_ = at(second_, "boot-" + std::to_string(boot_));
    time_.wall += Milliseconds{wall_step_ * 1000};
  }

  void next_second() {
    ++second_;
    set_clock();
    dns_.second_passes(second_);
    check("a second has passed");
  }

  Instant now() override { return time_; }
  void sleep(Milliseconds span) override {
    for (; span > Milliseconds{0}; span -= Seconds{1}) next_second();
  }

  void reboot() {
    note("the host boots");
    ++boot_;
    booted_ = true;
    for (Host& host : hosts_) host.loaded = deployed(host);
    set_clock();
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
    for (const Host& host : hosts_) {
      const Chain now = deployed(host);
      for (const RandomDns::Given& given : dns_.in_caches()) {
        if (satisfies(now, given.records) && satisfies(host.loaded, given.records)) continue;
        note("a cache may hold these of " + std::to_string(given.second));
        for (const Association& record : given.records) note("    " + record.text());
        broken(when + ": " + host.name() + " loaded " + host.loaded.leaf().key.sha256.substr(0, 12) + ", deployed " +
               now.leaf().key.sha256.substr(0, 12));
      }
    }
  }

 private:
  OwnerLook look() { return dns_.look(time_); }

  Result<Chain> issue(const IssueRequest& request) {
    if (!ca_answers_) return failed("the CA refuses");
    // With the names of certbot's lineage, as a renewal.
    const auto present = read_certbot_lineage(*files_, settings_.config.certbot_dir, request.lineage);
    if (!present) return present.error();
    return chain(request.private_key, present->chain.leaf().names);
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
    if (command.argv.front() == "publish" && dns_.primary_answers() && hook_works_) {
      RRset& records = dns_.primary();
      const Association record = Association::parse(command.argv.back()).value();
      std::erase(records, record);
      if (command.argv[1] == "add") records.push_back(record);
      std::sort(records.begin(), records.end());
      check("in the middle of an update");
      outcome.exit_code = 0;
    }
    return outcome;
  }

  struct DnsResolver : Resolver {
    explicit DnsResolver(RandomWorld& the_world) : world(the_world) {}
    Result<std::vector<OwnerLook>> look(const std::vector<DnsName>& owners) override {
      return std::vector<OwnerLook>(owners.size(), world.look());
    }
    RandomWorld& world;
  };

  struct Authority : CertificateAuthority {
    explicit Authority(RandomWorld& the_world) : world(the_world) {}
    Result<Chain> issue(const IssueRequest& request) override { return world.issue(request); }
    [[nodiscard]] bool refused() const override { return true; }
    RandomWorld& world;
  };

 protected:
  Dice dice_;
  std::vector<Profile> profiles_;
  std::deque<Host> hosts_;
  std::vector<TestCa> cas_ = std::vector<TestCa>(3);
  std::size_t ca_ = 0;
  int certificates_ = 0;
  RandomDns dns_{dice_};
  int second_ = 0;
  int boot_ = 0;
  int wall_step_ = 0;
  // Since danectl's last look. With both nothing on this host could tell how much time has passed.
  bool booted_ = false;
  bool stepped_ = false;
  bool ca_answers_ = true;
  bool reloads_work_ = true;
  bool hook_works_ = true;
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

}  // namespace danectl
