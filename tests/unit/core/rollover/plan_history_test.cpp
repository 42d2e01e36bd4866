// Random histories: name servers that come and go, records and TTLs that change, clocks that are stepped, certbot doing
// as it likes, and a power cut after any step. Against the truth, which caches may hold what, the promises must stand.
#include "core/rollover/plan.hpp"
#include "core/rollover/settle.hpp"
#include "core/rollover/wanted.hpp"
#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <set>

using namespace danectl;

namespace {

constexpr int most_ttl = 8;

KeyId key_number(int number) {
  std::string digits = std::to_string(number);
  digits = std::string(64 - digits.size(), '0') + digits;
  return {digits, digits + digits, KeyType::ecdsa_p256};
}

struct Server {
  std::set<int> keys;  // whose records it gives
  int ttl = 2;
  bool silent = false;  // to everybody
  bool listed = true;   // in the NS RRset
  int unlisted_at = -1;
};

// What one server gave at one second. Caches may hold it for its TTL.
struct Given {
  int second;
  int ttl;
  std::set<int> keys;
};

// Who publishes and promotes: a person who follows the manual, or `run` alone.
enum class Driver { person, run };

class History {
 public:
  explicit History(unsigned seed, Driver driver = Driver::person) : random_(seed), driver_(driver) {
    lineage_.name = "mx.example.com";
    lineage_.tlsa = {test_owner()};
    servers_.resize(static_cast<std::size_t>(pick(1, 3)));
    for (Server& server : servers_) server.keys = {1};
    certbot_ = chain(1);
    deployed_ = DeployedFact{1, chain(1)};
    state_.name = lineage_.name;
    if (driver_ == Driver::person) return;
    lineage_.rollover = Seconds{pick(1, 30)};
    lineage_.retire_after = Seconds{pick(0, 20)};
    lineage_.reload = {{"reload-server"}};
  }

  void live(int seconds) {
    second(Cuts::happen);  // enrolment's look: of what was before it danectl knows nothing
    for (int i = 0; i < seconds; ++i) {
      something_happens();
      second(Cuts::happen);
    }
  }

  // From here on everybody does as the manual says. The next key must get through.
  void calm_down() {
    for (Server& server : servers_) server.silent = false;
    const int before = promotions_;
    for (int i = 0; i < 20 * most_ttl && promotions_ == before; ++i) {
      for (Server& server : servers_) {
        if (driver_ == Driver::person) publish_wanted(server);
      }
      reloads_work_ = true;
      second(Cuts::never);
    }
    CHECK(promotions_ > before);
  }

 private:
  enum class Cuts { never, happen };

  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool one_in(int n) { return pick(1, n) == 1; }
  Server& any_server() { return servers_[static_cast<std::size_t>(pick(0, static_cast<int>(servers_.size()) - 1))]; }

  Chain chain(int key) {
    Certificate leaf;
    leaf.key = key_number(key);
    leaf.fingerprint = "certificate " + std::to_string(++certificates_);
    leaf.not_before = at(certificates_).wall;
    leaf.not_after = leaf.not_before + std::chrono::hours(24 * 90);
    return Chain{{leaf}};
  }

  Instant clock() const {
    Instant now = at(second_, "boot-" + std::to_string(boot_));
    now.wall += Milliseconds{wall_step_ * 1000};
    return now;
  }

  void publish_wanted(Server& server) {
    for (const WantedRRset& rrset : wanted_rrsets({{lineage_, state_}}, {}, Seconds{2})) {
      for (const WantedRecord& wanted : rrset.records) server.keys.insert(std::stoi(wanted.association.hex));
    }
  }

  void something_happens() {
    if (driver_ == Driver::person && one_in(3)) publish_wanted(any_server());
    if (driver_ == Driver::run && one_in(10)) reloads_work_ = one_in(2);
    if (one_in(25) && state_.next && !(state_.next->key == deployed_.chain.leaf().key)) {
      any_server().keys.erase(std::stoi(state_.next->key.sha256));
    }
    if (one_in(12)) any_server().silent = one_in(2);
    if (one_in(15)) any_server().ttl = pick(1, most_ttl);
    // Not both between two looks: then nothing on this host could tell how much time has passed.
    if (one_in(40)) {
      wall_step_ += pick(-50, 50);
    } else if (one_in(60)) {
      ++boot_;
    }
    if (one_in(60)) add_server();
    if (one_in(60)) drop_server();
    if (one_in(30)) certbot_ = chain(std::stoi(certbot_.leaf().key.sha256));
    if (one_in(80)) certbot_ = chain(++keys_);
    if (one_in(40)) reuse_key_ = false;
  }

  void add_server() {
    if (servers_.size() > 4) return;
    Server server = any_server();
    server.silent = false;
    servers_.push_back(server);
  }

  // Caches know it for the NS TTL still, and it goes on answering as it did.
  void drop_server() {
    if (servers_.size() < 2) return;
    Server server = servers_.back();
    server.listed = false;
    server.unlisted_at = second_;
    gone_.push_back(server);
    servers_.pop_back();
  }

  void second(Cuts cuts) {
    ++second_;
    if (driver_ == Driver::run) transfer_zone();
    for (const Server& server : servers_) remember(server);
    for (const Server& server : gone_) {
      if (second_ <= server.unlisted_at + ns_ttl) remember(server);
    }
    run(cuts);
    if (driver_ == Driver::run) {
      check_presented();
    } else {
      CHECK(known_to_wanted());
    }
  }

  // The first server is the primary.
  void transfer_zone() {
    for (std::size_t i = 1; i < servers_.size(); ++i) {
      if (one_in(3)) servers_[i].keys = servers_.front().keys;
    }
  }

  // Promises 1 and 2 as a sender sees them: whatever RRset a cache may hold, it matches what a server may present,
  // which is what is deployed or, until a reload succeeds, what was deployed before.
  void check_presented() {
    for (const Given& given : given_) {
      if (given.second + given.ttl < second_) continue;
      CHECK(given.keys.contains(std::stoi(deployed_.chain.leaf().key.sha256)));
      CHECK(given.keys.contains(loaded_));
    }
  }

  void remember(const Server& server) {
    if (!server.silent) given_.push_back({second_, server.ttl, server.keys});
  }

  OwnerLook look() {
    LookBuilder builder(clock());
    builder.ns_ttl(Seconds{ns_ttl});
    for (std::size_t i = 0; i < servers_.size(); ++i) {
      const std::string host = "ns" + std::to_string(i) + ".example.com";
      RRset records;
      for (const int key : servers_[i].keys)
        records.push_back(association_of(key_number(key), lineage_.profile.front()));
      if (servers_[i].silent) {
        builder.silent(host);
      } else {
        builder.server(host, records, Seconds{servers_[i].ttl});
      }
    }
    OwnerLook seen = builder.done();
    if (std::all_of(servers_.begin(), servers_.end(), [](const Server& s) { return s.silent; }))
      return no_answer(clock());
    RRset all;
    for (const ServerAnswer& answer : seen.answers) all.insert(all.end(), answer.records.begin(), answer.records.end());
    std::sort(all.begin(), all.end());
    seen.resolver_records = all;  // the most favourable resolver: it must not be what keeps the promise
    return seen;
  }

  Facts facts(const OwnerLook& seen) const {
    Facts facts;
    facts.state = state_;
    facts.deployed = deployed_;
    facts.certbot = CertbotFact{certbot_, reuse_key_};
    const auto asked = [&](const KeyId& key) {
      return gate({ledger_of(state_, test_owner())}, {seen}, associations_of({key, {}}, lineage_.profile), Seconds{0},
                  HoldDown::required, seen.started);
    };
    if (next_) {
      facts.next = NextFact{next_->key, std::nullopt, asked(next_->key)};
      if (next_->chain) facts.next->issued = ChainFact{*next_->chain, std::nullopt, false};
    }
    for (const CandidateKey& candidate : state_.candidates) {
      const auto kept = kept_.find(candidate.key.sha256);
      CandidateFact fact{candidate.keys(), std::nullopt, asked(candidate.key)};
      if (kept != kept_.end()) fact.kept = ChainFact{kept->second, std::nullopt, false};
      facts.candidates.push_back(fact);
    }
    facts.unpublished = additions({{lineage_, state_}}, {seen}, Seconds{2}).changes;
    facts.retiring =
        retirements({lineage_, state_, {{lineage_, state_}}, {seen}, RetireRule::unattended, nullptr, seen.started});
    return facts;
  }

  void run(Cuts cuts) {
    const OwnerLook seen = look();
    state_ = with_looks(state_, {seen});
    const int before = promotions_;
    tried_.clear();
    for (int steps = 0; steps < 50; ++steps) {
      if (cuts == Cuts::happen && one_in(12)) return;
      const Facts known = facts(seen);
      const Goal goal = driver_ == Driver::run ? Goal::run : Goal::promote;
      const Step step = plan({known, lineage_, seen.started, goal, tried_});
      if (promotions_ > before && (step.kind == StepKind::deploy_next || step.kind == StepKind::issue)) return;
      if (!carry_out(step, known, seen)) return;
    }
    FAIL("the plan does not come to rest");
  }

  bool carry_out(const Step& step, const Facts& known, const OwnerLook& seen) {
    switch (step.kind) {
      case StepKind::settle:
        state_ = settled(known, lineage_, clock());
        if (next_ && next_->key == deployed_.chain.leaf().key) next_.reset();
        return true;
      case StepKind::restore_reuse_key:
        reuse_key_ = true;
        return true;
      case StepKind::adopt:
        CHECK(certbot_.leaf().key == deployed_.chain.leaf().key);
        deployed_ = {deployed_.generation + 1, certbot_};
        return true;
      case StepKind::keep_candidate:
        keep_candidate();
        return true;
      case StepKind::install:
        CHECK(was_current(state_, certbot_.leaf().key));
        certbot_ = deployed_.chain;
        return true;
      case StepKind::run_hooks:
        tried_.insert(step.kind);
        reload();
        return true;
      case StepKind::publish:
        if (driver_ == Driver::person) return false;
        tried_.insert(step.kind);
        for (const RRsetChange& change : known.unpublished) {
          for (const Association& record : change.add) servers_.front().keys.insert(std::stoi(record.hex));
        }
        return true;
      case StepKind::retire:
        tried_.insert(step.kind);
        for (const Retirement& one : known.retiring) {
          if (one.verdict == Retirement::Verdict::due)
            servers_.front().keys.erase(std::stoi(one.record.association.hex));
        }
        return true;
      case StepKind::forget:
        for (const Retirement& one : known.retiring) {
          if (one.verdict == Retirement::Verdict::gone) std::erase(state_.retiring, one.record);
        }
        return true;
      case StepKind::stage:
        next_ = Next{key_number(++keys_), std::nullopt};
        return true;
      case StepKind::issue:
        next_->chain = chain(std::stoi(next_->key.sha256));
        return true;
      case StepKind::deploy_next:
        serve(*next_->chain, seen);
        return true;
      case StepKind::deploy_candidate:
        serve(known.candidates[step.candidate].kept->chain, seen);
        return true;
      default:
        return false;
    }
  }

  void reload() {
    if (driver_ == Driver::run && !reloads_work_) return;
    state_.pending = {};
    loaded_ = std::stoi(deployed_.chain.leaf().key.sha256);
    for (RetiringRecord& record : state_.retiring) {
      if (!record.reloaded_at) record.reloaded_at = clock();
    }
  }

  void keep_candidate() {
    const Certificate& leaf = certbot_.leaf();
    kept_[leaf.key.sha256] = certbot_;
    std::erase_if(state_.candidates, [&](const CandidateKey& known) { return known.key == leaf.key; });
    state_.candidates.push_back({leaf.key, leaf.fingerprint, leaf.not_before, leaf.not_after, clock()});
  }

  // Promise 1: no cache may hold, and no server may give, an RRset that this key does not match.
  void serve(const Chain& chain, const OwnerLook&) {
    const int key = std::stoi(chain.leaf().key.sha256);
    for (const Given& given : given_) {
      if (given.second + given.ttl >= second_) CHECK(given.keys.contains(key));
    }
    deployed_ = {deployed_.generation + 1, chain};
    served_.insert(key);
    ++promotions_;
  }

  // Promise 2: what a server may still present stays among the records that are wanted.
  bool known_to_wanted() {
    if (!state_.current || !(state_.current->key == deployed_.chain.leaf().key)) return true;  // cut before it settled
    std::set<int> wanted;
    for (const WantedRRset& rrset : wanted_rrsets({{lineage_, state_}}, {}, Seconds{2})) {
      for (const WantedRecord& record : rrset.records) wanted.insert(std::stoi(record.association.hex));
    }
    return std::includes(wanted.begin(), wanted.end(), served_.begin(), served_.end());
  }

  struct Next {
    KeyId key;
    std::optional<Chain> chain;
  };
  static constexpr int ns_ttl = 5;

  std::mt19937 random_;
  LineageConfig lineage_;
  std::vector<Server> servers_;
  std::vector<Server> gone_;
  std::vector<Given> given_;
  int second_ = 0;
  int boot_ = 0;
  int wall_step_ = 0;
  int keys_ = 1;
  int certificates_ = 0;
  int promotions_ = 0;
  Driver driver_;
  bool reloads_work_ = true;
  int loaded_ = 1;  // the key that the server loaded last
  std::set<StepKind> tried_;
  std::set<int> served_{1};
  Chain certbot_;
  bool reuse_key_ = true;
  DeployedFact deployed_;
  std::optional<Next> next_;
  std::map<std::string, Chain> kept_;
  State state_;
};

}  // namespace

TEST_CASE("Over random histories no key is served early, no record forgotten early, and the next key gets through") {
  for (unsigned seed = 1; seed <= 80; ++seed) {
    INFO("seed " << seed);
    History history(seed);
    history.live(250);
    history.calm_down();
  }
}

TEST_CASE("Over random histories under run alone every cached RRset matches what a server may present") {
  for (unsigned seed = 1; seed <= 80; ++seed) {
    INFO("seed " << seed);
    History history(seed, Driver::run);
    history.live(250);
    history.calm_down();
  }
}
