// The exit codes of danectl(1), in one place.
#pragma once

#include "core/base/result.hpp"

namespace danectl {

constexpr int exit_done = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr int exit_not_yet = 75;  // EX_TEMPFAIL of sysexits.h
constexpr int exit_unknown = 3;   // of `check` alone: UNKNOWN of the monitoring plugins

constexpr int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return exit_usage;
    case ErrorKind::not_yet:
      return exit_not_yet;
    case ErrorKind::forbidden:
    case ErrorKind::failed:
      break;
  }
  return exit_failed;
}

// Of several lineages: the worst, in the order 1, 75, 0. Usage errors end a call before any lineage is touched, so here
// a 2 counts as a failure.
constexpr int worse(int a, int b) {
  const auto rank = [](int code) { return code == exit_done ? 0 : code == exit_not_yet ? 1 : 2; };
  return rank(a) >= rank(b) ? a : b;
}

}  // namespace danectl
