#pragma once

#include "app/roll/roll.hpp"
#include "app/store/generations.hpp"
#include "app/store/store.hpp"
#include "app/verbs/promote.hpp"
#include "fakes/deploy.hpp"
#include "fakes/small_world.hpp"

#include <catch2/catch.hpp>

#include <deque>

namespace danectl {

// A lineage with generation 1 deployed and a next key whose hold-down is over.
class ReadyToPromote : public SmallWorld {
 public:
  ReadyToPromote() {
    REQUIRE(open_store(files, paths(), short_wait).ok());
    REQUIRE(deploy(files, paths(), enrolled(), first).ok());
    Roll stock = roll(RollMode::settle);
    REQUIRE(stock.run().ok());
    REQUIRE(stock.stage().ok());
    next = stock.state().next->key;
    publish(first.chain.leaf().key);
    publish(next);
    REQUIRE(roll(RollMode::settle).run().ok());  // its look begins the hold-down
    clock.sleep(Seconds{120});
  }
  [[nodiscard]] Paths paths() const { return Paths(state_dir()); }
  // Of a call of its own: what it knows of DNS it reads from the files.
  const Workshop& call() { return calls.emplace_back(shop()); }
  Roll roll(RollMode mode) {
    const Workshop& here = call();
    return {here, enrolled(), look_at(here, enrolled().tlsa).value(), mode};
  }
  int promote_all() { return promote({}, call()); }

  // What servers and certbot would load now.
  KeyId served() { return read_generation(files, paths(), "mx.example.lab", generation()).value().chain.leaf().key; }
  unsigned generation() { return read_deployed(files, paths(), "mx.example.lab").value()->generation; }
  KeyId of_certbot() {
    return read_certbot_lineage(files, lineage.certbot_dir(), "mx.example.lab").value().chain.leaf().key;
  }

  State state() { return load_state(files, paths(), "mx.example.lab").value(); }

  std::deque<Workshop> calls;
  KeyId next;
};

}  // namespace danectl
