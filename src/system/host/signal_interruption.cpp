#include "system/host/signal_interruption.hpp"

namespace danectl {
namespace {

volatile std::sig_atomic_t asked = 0;

void note(int /*signal*/) {
  asked = 1;
}

}  // namespace

SignalInterruption::SignalInterruption() {
  asked = 0;
  struct sigaction action {};
  action.sa_handler = note;
  sigemptyset(&action.sa_mask);
  // No SA_RESTART: what waits for standard input or DNS has to see it. SA_RESETHAND: the second ends the process.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, &before_int_);
  sigaction(SIGTERM, &action, &before_term_);
}

SignalInterruption::~SignalInterruption() {
  sigaction(SIGINT, &before_int_, nullptr);
  sigaction(SIGTERM, &before_term_, nullptr);
}

bool SignalInterruption::asked_for() const {
  return asked != 0;
}

}  // namespace danectl
