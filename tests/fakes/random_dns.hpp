// The DNS of random histories: name servers that come and go, others who change its records, and what caches may hold.
#pragma once

#include "fakes/looks.hpp"

#include <functional>
#include <limits>
#include <random>
#include <string>
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

class RandomDns {
 public:
  static constexpr int most_ttl = 8;

  // What a name server gave at one second: a cache may hold it for the TTL.
  struct Given {
    int second;
    int ttl;
    RRset records;
  };

  explicit RandomDns(Dice& dice) : dice_(dice) {}

  // One to three name servers, the first of them the primary.
  void begin(const RRset& records);

  // `keeps_mail_coming`: what others may do, for no tool helps against the rest. What they did; empty: nothing.
  std::string something_happens(int second, const std::function<bool(const RRset&)>& keeps_mail_coming);
  void calm_down();
  void second_passes(int second);

  [[nodiscard]] OwnerLook look(const Instant& now) const;
  [[nodiscard]] const std::vector<Given>& in_caches() const { return given_; }
  [[nodiscard]] RRset& primary() { return servers_.front().records; }
  [[nodiscard]] bool primary_answers() const { return !servers_.front().silent; }

 private:
  static constexpr int ns_ttl = 5;

  struct Server {
    RRset records;
    int ttl = 2;
    bool silent = false;
    int seconds_in_view = 0;                            // nobody can reckon with one that was never seen
    int unlisted_at = std::numeric_limits<int>::max();  // resolvers may go on asking it for the TTL of the NS RRset
  };

  void remember(const Server& server, int second);

  Dice& dice_;
  std::vector<Server> servers_;
  std::vector<Server> gone_;
  std::vector<RRset> past_zones_;
  std::vector<Given> given_;
  bool resolver_answers_ = true;
  bool calm_ = false;
};

}  // namespace danectl
