#pragma once

#include "ports/clock.hpp"

namespace danectl {

// The clocks of this host: CLOCK_REALTIME and CLOCK_BOOTTIME in milliseconds, and the kernel's boot id.
class SystemClock : public Clock {
 public:
  Instant now() override;
  void sleep(Milliseconds span) override;
};

}  // namespace danectl
