// The DNS of random histories: name servers that come and go, others who change its records, providers that are slow or
// lose what they accepted, and what caches may hold.
#pragma once

#include "fakes/looks.hpp"

#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace danectl {

struct Dice {
  explicit Dice(unsigned seed) : random(seed) {}
  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }
  bool one_in(int n) { return pick(1, n) == 1; }
  template <class Thing>
  Thing& any(std::vector<Thing>& things) {
    return things[static_cast<std::size_t>(pick(0, static_cast<int>(things.size()) - 1))];
  }
  std::mt19937 random;
};

inline bool has(const RRset& records, const Association& record) {
  return std::find(records.begin(), records.end(), record) != records.end();
}

// What others may do besides.
struct OthersDo {
  bool records = false;    // put records of other servers beside ours, of any usage and selector, and take them away
  bool wildcards = false;  // let a wildcard give the records
  bool aliases = false;    // let an alias lead elsewhere
  bool slow = false;       // accept a change and make it later, or never
};

class RandomDns {
 public:
  static constexpr int most_ttl = 8;

  // What stands at a name of a zone.
  struct Node {
    std::optional<DnsName> alias;
    RRset records;
    bool from_wildcard = false;  // nothing stands there, and the wildcard above gives the records
    bool operator==(const Node&) const = default;
  };
  struct Zone {
    std::map<DnsName, Node> names;
    RRset wildcard;  // above test_owner()
    [[nodiscard]] Node at(const DnsName& name) const;
    [[nodiscard]] DnsName end() const;  // where the aliases of test_owner() lead
    bool operator==(const Zone&) const = default;
  };

  // What a name server gave at one second: a cache may hold it for the TTL.
  struct Given {
    int second;
    int ttl;
    DnsName name;
    Node node;
  };

  // What a publisher was asked for. Nothing of it is done where the RRset is not the one that it wants to be there.
  struct Change {
    DnsName name;
    RRset records;
    enum class Does { add, remove } does = Does::add;
    std::optional<RRset> only_if;
  };

  RandomDns(Dice& dice, OthersDo others, int watchers) : dice_(dice), others_(others), watchers_(watchers) {}

  // One to three name servers, the first of them the primary.
  void begin(const RRset& records);

  // `keeps_mail_coming`: what others may do, for no tool helps against the rest. What they did; empty: nothing.
  std::string something_happens(int second, const std::function<bool(const RRset&)>& keeps_mail_coming);
  void calm_down();
  void second_passes(int second);
  // By the danectl of one of `watchers` hosts, which wrote down what it saw. What comes and goes between two answers of
  // a server nobody can see: so others change nothing that was not seen yet.
  void was_looked_at(int watcher);

  // By a publisher, who says whether it accepted.
  enum class Accepted { yes, no, other_rrset };
  Accepted change(const Change& change);
  // The provider does all that it accepted and did not do yet.
  void catch_up();
  [[nodiscard]] bool something_is_asked_for() const { return !accepted_.empty(); }
  // `after_each`: of what was done.
  void set_observer(std::function<void()> after_each) { after_each_ = std::move(after_each); }

  [[nodiscard]] OwnerLook look(const DnsName& owner, const Instant& now) const;
  // The RRsets that a sender may find, by whatever aliases a cache may hold.
  [[nodiscard]] std::vector<Given> in_caches() const { return reachable(given_); }
  [[nodiscard]] Zone& primary() { return servers_.front().zone; }
  [[nodiscard]] const RRset& published() const;  // at the primary, where the aliases lead
  void put(const RRset& records);                // likewise, by a person
  [[nodiscard]] bool primary_answers() const { return !servers_.front().silent; }

  // Records of the servers of others, with the strongest digest that their senders know: they find them.
  struct Neighbour {
    Association record;
    int strongest_known;
  };
  [[nodiscard]] const std::vector<Neighbour>& neighbours() const { return neighbours_; }
  void forget_neighbours() { neighbours_.clear(); }

 private:
  static constexpr int ns_ttl = 5;

  struct Server {
    std::string host;
    Zone zone;
    int ttl = 2;
    bool silent = false;
    bool changed_by_others = false;                     // and not seen yet
    std::map<int, std::pair<Zone, int>> seen{};         // by watcher: what it saw, and for how long that is given
    int unlisted_at = std::numeric_limits<int>::max();  // resolvers may go on asking it for the TTL of the NS RRset
  };

  void remember(const Server& server, int second);
  [[nodiscard]] bool is_seen(const Server& server) const;
  [[nodiscard]] static std::vector<Given> reachable(const std::vector<Given>& given);
  std::string change_zone(Server& server, const Zone& zone, const std::string& what, int second,
                          const std::function<bool(const RRset&)>& keeps_mail_coming);
  std::string servers_change(int second);
  Accepted carry_out(const Change& change);
  Association record_of_somebody();
  void note_neighbours();

  Dice& dice_;
  OthersDo others_;
  int watchers_;
  std::vector<Server> servers_;
  std::vector<Server> gone_;
  std::vector<Zone> past_zones_;
  std::vector<Given> given_;
  std::vector<Change> accepted_;
  std::vector<Neighbour> neighbours_;
  std::function<void()> after_each_;
  int hosts_ = 0;
  bool resolver_answers_ = true;
  int laziness_ = 8;  // a provider that is lazy does what it accepted after so many seconds, more or less
  bool lazy_ = false;
  bool lossy_ = false;
  bool calm_ = false;
};

// Whether a server that only this record matches is found by who knows no stronger digest. RFC 7671 section 9: of each
// usage and selector the strongest digest counts.
bool only_matched_by(const Association& record, const RRset& rrset, int strongest_known);

// The names that an alias may lead to, and who else's records stand beside ours.
const std::vector<DnsName>& alias_targets();

}  // namespace danectl
