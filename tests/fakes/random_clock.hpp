// The clocks of a history's host, which may be wrong, and what the root has signed by the true time.
#pragma once

#include "fakes/looks.hpp"
#include "fakes/random_dns.hpp"

#include <string>

namespace danectl {

class RandomClock {
 public:
  explicit RandomClock(Dice& dice) : dice_(dice) {}

  // `second`: the true time.
  [[nodiscard]] Instant now(int second) const {
    Instant now = at(second, "boot-" + std::to_string(boot_));
    now.since_boot = Seconds{second - booted_};
    now.wall += Seconds{ahead_};
    return now;
  }
  [[nodiscard]] WallTime signed_time() const { return at(signed_).wall; }

  void is_set() { ahead_ = falls_behind_ ? ahead_ + dice_.pick(-50, 50) : dice_.pick(0, 50); }

  // False: this host is never booted.
  bool boots(int second) {
    if (falls_behind_) return false;
    ++boot_;
    booted_ = second;
    if (dice_.one_in(2)) is_set();
    return true;
  }

  void second_passes(int second) {
    if (dice_.one_in(4)) signed_ = second - dice_.pick(0, 2);
  }

 private:
  Dice& dice_;
  // A clock that is behind, and is set right by a reboot, is one that danectl cannot find out (danectl(1), What is
  // held).
  bool falls_behind_ = dice_.one_in(3);
  int ahead_ = 0;  // seconds
  int boot_ = 0;
  int booted_ = 0;
  int signed_ = 0;
};

}  // namespace danectl
