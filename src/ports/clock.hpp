#pragma once

#include "core/base/time.hpp"

namespace danectl {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;
  virtual void sleep(Milliseconds span) = 0;
};

}  // namespace danectl
