// The world of random histories: two lineages on one owner with the mail servers that load what they deploy, a CA of
// three issuers, name servers, and the truth, which is what caches may hold and what servers present.
#pragma once

#include "app/store/generations.hpp"
#include "app/store/store.hpp"
#include "fakes/random_clock.hpp"
#include "fakes/random_dns.hpp"
#include "fakes/small_world.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <sstream>

namespace danectl {

using Profile = std::vector<Group>;

inline const std::string mail_host = "mx.example.com";
inline constexpr Group key_256{3, 1, 1};
inline constexpr Group key_512{3, 1, 2};
inline constexpr Group issuer_256{2, 1, 1};
inline constexpr Group issuer_512{2, 1, 2};

// The record of this key in a group with selector 1.
inline Association digest_of(const KeyId& key, const Group& group) {
  return {group, group.mtype == 1 ? key.sha256 : key.sha512};
}

// Whether the record names this certificate. Those of whole certificates by SHA-512 name none of ours.
inline bool names(const Association& record, const Certificate& certificate) {
  if (record.group.selector == 1) return record == digest_of(certificate.key, record.group);
  return record.group.mtype == 1 && record.hex == certificate.fingerprint;
}

// RFC 7671: of each usage and selector the strongest digest that the client knows counts (section 9), and any match
// will do. A client for whom nothing is usable does not ask for DANE.
inline bool satisfies(const Chain& chain, const RRset& rrset, int strongest_known) {
  bool usable = false;
  for (const Association& record : rrset) {
    const Group& group = record.group;
    const auto hides = [&](const Association& other) {
      return other.group.usage == group.usage && other.group.selector == group.selector &&
             other.group.mtype > group.mtype && other.group.mtype <= strongest_known;
    };
    if (group.mtype > strongest_known || std::any_of(rrset.begin(), rrset.end(), hides)) continue;
    usable = true;
    const auto& certificates = chain.certificates;
    const auto& hosts = chain.leaf().names;
    if (group.usage == 3 && names(record, chain.leaf())) return true;
    if (group.usage == 2 && std::find(hosts.begin(), hosts.end(), mail_host) != hosts.end() &&
        std::any_of(certificates.begin() + 1, certificates.end(), [&](const auto& one) { return names(record, one); }))
      return true;
  }
  return !usable;
}

inline bool satisfies(const Chain& chain, const RRset& rrset) {
  return satisfies(chain, rrset, 1) && satisfies(chain, rrset, 2);
}

// A host that danectl runs on: it knows nothing of other ones.
struct Machine {
  Settings settings;
  std::vector<std::map<std::string, std::string>> backups;

  [[nodiscard]] Paths paths() const { return Paths(settings.config.state_dir); }
};

// A lineage and the mail server that loads what it deploys.
struct Host {
  Host(const std::string& name, Machine& on) : lineage(name), machine(&on) {}
  Host(const std::string& name, Machine& on, const Host& beside) : lineage(name, beside.lineage), machine(&on) {}
  [[nodiscard]] const std::string& name() const { return lineage.name_; }
  [[nodiscard]] LineageConfig& config() const {
    for (LineageConfig& one : machine->settings.lineages) {
      if (one.name == name()) return one;
    }
    throw std::logic_error(name() + " is released");
  }

  TestLineage lineage;
  Machine* machine;
  Chain loaded;
  bool released = false;
};

// What a history is made of.
struct Kinds {
  std::vector<Profile> profiles;
  OthersDo others{};
  bool two_machines = false;
  bool probes = false;
  bool foreign_by_a_person = false;
  bool release = false;
  bool restored = false;  // also when DNS has changed since
  bool nsupdate = false;  // at times in place of a hook
  bool reloads = false;   // people take `reload` out of the configuration, and put it in
};

class RandomWorld : private Processes, private Clock {
 protected:
  RandomWorld(unsigned seed, Kinds kinds)
      : seeded_(seed), kinds_(std::move(kinds)), dice_(seed), dns_(dice_, kinds_.others, kinds_.two_machines ? 2 : 1) {
    world_.emplace(World{*this, *files_, *this, keys_,
                         [this](const Config&) { return std::make_unique<DnsResolver>(*this); },
                         [this](const Config&) { return std::make_unique<Authority>(*this); },
                         [this](const Config&) { return std::make_unique<Probe>(*this); },
                         [this](const Config&) { return std::make_unique<FakeInspector>(inspection_); }});
    machines_.emplace_back();
    if (kinds_.two_machines) machines_.emplace_back();
    hosts_.emplace_back("a.example.com", machines_.front());
    hosts_.emplace_back("b.example.com", machines_.back(), hosts_.front());
    const bool nsupdate = kinds_.nsupdate && dice_.one_in(2);
    const std::string& certbot_dir = hosts_.front().lineage.certbot_dir();
    for (Machine& machine : machines_) {
      const std::string number = &machine == &machines_.front() ? "" : "2";
      machine.settings.config.certbot_dir = certbot_dir;
      machine.settings.config.state_dir = certbot_dir + "/../state" + number;
      machine.settings.lineage_folder = certbot_dir + "/../lineages" + number;
      machine.settings.config.publish.ttl = Seconds{2};
      machine.settings.config.publish.method = nsupdate ? PublishMethod::nsupdate : PublishMethod::hook;
      machine.settings.config.publish.command = {"publish"};
      REQUIRE(open_store(*files_, machine.paths(), short_wait).ok());
    }
    const Profile profile = dice_.any(kinds_.profiles);
    RRset initial;
    const bool probes = kinds_.probes && dice_.one_in(2);
    for (Host& host : hosts_) begin(host, profile, probes, initial);
    std::sort(initial.begin(), initial.end());
    dns_.begin(initial);
    dns_.set_observer([this] { check("in the middle of an update"); });
    check("in the beginning");
  }

  // What one call knows of DNS and of other lineages no other call does.
  void begin_call(const Machine& machine) {
    out_.str({});
    err_.str({});
    sent_.clear();
    shop_.emplace(Workshop{*world_, machine.settings, output_});
  }

  void note(const std::string& what) { story_.push_back(std::to_string(second_) + ": " + what); }

  void begin(Host& host, const Profile& profile, bool probes, RRset& records) {
    LineageConfig lineage;
    lineage.name = host.name();
    lineage.tlsa = {test_owner()};
    lineage.profile = profile;
    lineage.rollover = Seconds{dice_.pick(1, 20)};
    lineage.retire_after = Seconds{dice_.pick(0, 20)};
    lineage.reload = {{"reload", host.name()}};
    if (probes) lineage.probe = {ProbeUrl::parse("smtp://" + mail_host + ":25").value()};
    host.machine->settings.lineages.push_back(lineage);
    const std::string key = test_key();
    const KeyAndChain first{key, chain(key, {mail_host})};
    host.lineage.make(first);
    host.loaded = first.chain;
    const auto number = write_generation(*files_, host.machine->paths(), lineage, first);
    REQUIRE(number.ok());
    REQUIRE(switch_live(*files_, host.machine->paths(), lineage.name, *number).ok());
    for (const Group& line : profile) {
      const Certificate& named = line.usage == 3 ? first.chain.leaf() : first.chain.certificates[1];
      if (const Association record = digest_of(named.key, line); !has(records, record)) records.push_back(record);
    }
  }

  // The CA goes by a clock of its own.
  Chain chain(const std::string& key, const std::vector<std::string>& names) {
    const WallTime from = at(second_).wall - std::chrono::hours(1) + Milliseconds{++certificates_};
    return parse_chain(cas_[ca_].issue(names, key, from, from + std::chrono::hours(24 * 90))).value();
  }

  Chain deployed(const Host& host) {
    const auto fact = read_deployed(*files_, host.machine->paths(), host.name());
    REQUIRE(fact.ok());
    REQUIRE(fact->has_value());
    return (**fact).chain;
  }

  // --- time, and the truth

  void next_second() {
    ++second_;
    time_ = clock_.now(second_);
    clock_.second_passes(second_);
    dns_.second_passes(second_);
    check("a second has passed");
  }

  Instant now() override { return time_; }
  void sleep(Milliseconds span) override {
    for (; span > Milliseconds{0}; span -= Seconds{1}) next_second();
  }

  void reboot() {
    if (!clock_.boots(second_)) return;
    time_ = clock_.now(second_);
    note("the host boots, at " + to_rfc3339(time_.wall));
    for (Host& host : hosts_) host.loaded = deployed(host);
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
        const RRset& records = given.node.records;
        if (satisfies(now, records) && satisfies(host.loaded, records)) continue;
        note("a cache may hold these of " + std::to_string(given.second) + " at " + given.name.text());
        for (const Association& record : records) note("    " + record.text());
        broken(when + ": " + host.name() + " loaded " + host.loaded.leaf().key.sha256.substr(0, 12) + ", deployed " +
               now.leaf().key.sha256.substr(0, 12));
      }
    }
    const RRset& published = dns_.published();
    for (const RandomDns::Neighbour& neighbour : dns_.neighbours()) {
      if (!has(published, neighbour.record)) continue;  // its people took it away, or ours who said they may
      if (!only_matched_by(neighbour.record, published, neighbour.strongest_known)) {
        broken(when + ": the server of somebody with the record " + neighbour.record.text());
      }
    }
  }

 private:
  Result<Chain> issue(const IssueRequest& request) {
    if (!ca_answers_) return failed("the CA refuses");
    // With the names of certbot's lineage, as a renewal.
    const auto present = read_certbot_lineage(*files_, hosts_.front().lineage.certbot_dir(), request.lineage);
    if (!present) return present.error();
    return chain(request.private_key, present->chain.leaf().names);
  }

  // --- the rest of the world, as danectl starts it

  Result<std::string> find(const std::string& program) override { return program; }
  Result<Outcome> run(const Command& command) override {
    Outcome outcome;
    outcome.exit_code = 1;
    if (command.argv.front() == "reload" && reloads_work_) {
      for (Host& host : hosts_) {
        if (host.name() == command.argv.back()) host.loaded = deployed(host);
      }
      outcome.exit_code = 0;
    }
    if (command.argv.front() == "publish") {
      using Does = RandomDns::Change::Does;
      const Association record = Association::parse(command.argv.back()).value();
      sent_.push_back({name(command.argv[2]), {record}, command.argv[1] == "add" ? Does::add : Does::remove, {}});
      if (dns_.primary_answers() && hook_works_) {
        (void)dns_.change(sent_.back());
        outcome.exit_code = 0;
      }
    }
    if (command.argv.front() == "nsupdate") {
      sent_.push_back(change_of(command.input));
      outcome.err = hook_works_ ? "; Communication with server failed: timed out" : "update failed: REFUSED";
      if (dns_.primary_answers() && hook_works_) {
        const bool done = dns_.change(sent_.back()) == RandomDns::Accepted::yes;
        outcome.err = done ? "" : "update failed: NXRRSET";
        // An answer may be lost, and the update is done.
        outcome.exit_code = done && !dice_.one_in(10) ? 0 : 2;
        if (done && outcome.exit_code != 0) outcome.err = "; Communication with server failed: timed out";
      }
    }
    return outcome;
  }

  static RandomDns::Change change_of(const std::string& script) {
    RandomDns::Change change;
    change.only_if = RRset();
    std::istringstream lines(script);
    for (std::string line; std::getline(lines, line);) {
      const auto data = line.find(" TLSA ");
      std::istringstream words(line);
      std::string verb;
      std::string what;
      std::string owner;
      words >> verb >> what >> owner;
      if (verb != "prereq" && verb != "update") continue;
      change.name = name(owner);
      if (data == std::string::npos) continue;  // the prerequisite that there is none
      const Association record = Association::parse(line.substr(data + 6)).value();
      if (verb == "prereq") change.only_if->push_back(record);
      if (verb == "update") change.records.push_back(record);
      if (verb == "update" && what == "delete") change.does = RandomDns::Change::Does::remove;
    }
    return change;
  }

  // What the servers of all lineages have loaded, an address each.
  struct Probe : ServerProbe {
    explicit Probe(RandomWorld& the_world) : world(the_world) {}
    std::vector<ProbeResult> probe(const std::vector<ProbeUrl>& urls, const ProbeProgress& = {}) override {
      std::vector<ProbeResult> results;
      for (const ProbeUrl& url : urls) {
        ProbeResult& result = results.emplace_back(ProbeResult{url, {}});
        for (const Host& host : world.hosts_) {
          ProbedAddress address{
              "192.0.2." + std::to_string(25 + result.addresses.size()), ProbedAddress::Kind::probed, {}, {}};
          for (const ServerName sent : {ServerName::sent, ServerName::not_sent}) {
            Handshake none;
            none.server_name = sent;
            none.kind = Handshake::Kind::none;
            Handshake shown;
            shown.offered = OfferedKeys::ecdsa;
            shown.server_name = sent;
            shown.kind = world.probes_answer_ ? Handshake::Kind::presented : Handshake::Kind::failed;
            if (world.probes_answer_) shown.chain = host.loaded;
            address.handshakes.insert(address.handshakes.end(), {none, shown});
          }
          result.addresses.push_back(address);
        }
      }
      return results;
    }
    RandomWorld& world;
  };

  struct DnsResolver : Resolver {
    explicit DnsResolver(RandomWorld& the_world) : world(the_world) {}
    Result<Look> look(const std::vector<DnsName>& owners) override {
      Look look{world.time_, world.time_, {}, world.clock_.signed_time()};
      for (const DnsName& owner : owners) look.owners.push_back(world.dns_.look(owner, world.time_));
      return look;
    }
    RandomWorld& world;
  };

  struct Authority : CertificateAuthority {
    explicit Authority(RandomWorld& the_world) : world(the_world) {}
    Result<Chain> issue(const IssueRequest& request, const BeforeOrder& before_order) override {
      if (auto done = before_order(); !done) return done.error();
      return world.issue(request);
    }
    [[nodiscard]] bool ordered() const override { return true; }
    RandomWorld& world;
  };

  struct Keys : KeyMaker {
    Result<std::string> make(KeyType type) override { return test_key(type); }
  };

  SeededTestKeys seeded_;  // one seed, one history

 protected:
  Kinds kinds_;
  Dice dice_;
  std::deque<Machine> machines_;
  std::deque<Host> hosts_;
  std::vector<TestCa> cas_ = std::vector<TestCa>(3);
  std::size_t ca_ = 0;
  int certificates_ = 0;
  RandomDns dns_;
  int second_ = 0;
  RandomClock clock_{dice_};
  bool ca_answers_ = true;
  bool reloads_work_ = true;
  bool hook_works_ = true;
  bool probes_answer_ = true;
  std::vector<CuttingFiles::When> moments_{CuttingFiles::When::before, CuttingFiles::When::half_way,
                                           CuttingFiles::When::after};
  std::vector<std::string> story_;
  std::vector<RandomDns::Change> sent_;  // to a provider, in the last call

  Instant time_ = at(0);
  PosixFiles real_files_;
  std::optional<CuttingFiles> files_{std::in_place, real_files_};
  Keys keys_;
  Inspection inspection_;
  std::ostringstream out_;
  std::ostringstream err_;
  Output output_{.out = out_, .err = err_};
  std::optional<World> world_;
  std::optional<Workshop> shop_;
};

}  // namespace danectl
