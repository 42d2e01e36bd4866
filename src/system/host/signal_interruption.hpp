#pragma once

#include "ports/interruption.hpp"

#include <csignal>

namespace danectl {

// While one lives, SIGINT and SIGTERM do no more than be noted, once. At most one at a time.
class SignalInterruption : public Interruption {
 public:
  SignalInterruption();
  ~SignalInterruption() override;
  SignalInterruption(const SignalInterruption&) = delete;
  SignalInterruption& operator=(const SignalInterruption&) = delete;
  [[nodiscard]] bool asked_for() const override;

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
};

}  // namespace danectl
