// The exit codes of danectl(1), in one place: which code an error has, which a finding of `check`, and which several
// lineages have together.
#pragma once

#include "app/frame/output.hpp"
#include "core/base/result.hpp"
#include "core/check/finding.hpp"

namespace danectl {

constexpr int exit_done = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr int exit_not_yet = 75;  // EX_TEMPFAIL of sysexits.h

constexpr int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::not_found:
    case ErrorKind::invalid:
      return exit_usage;
    case ErrorKind::not_yet:
      return exit_not_yet;
    case ErrorKind::failed:
    case ErrorKind::refused:
    case ErrorKind::no_permission:
      break;
  }
  return exit_failed;
}

// Of `check` alone, which speaks as monitoring plugins do.
constexpr int exit_code(Severity severity) {
  switch (severity) {
    case Severity::ok:
      return 0;
    case Severity::warning:
      return 1;
    case Severity::critical:
      return 2;
    case Severity::unknown:
      break;
  }
  return 3;
}

// Of several lineages: the worst, in the order 1, 75, 0. Usage errors end a call before any lineage is touched, so here
// a 2 counts as a failure.
constexpr int worse(int a, int b) {
  const auto rank = [](int code) { return code == exit_done ? 0 : code == exit_not_yet ? 1 : 2; };
  return rank(a) >= rank(b) ? a : b;
}

// Says what went wrong, with the name of the lineage before it where there is one. Its exit code.
int exit_with(const Error& error, const Output& output);
int exit_with(std::string_view lineage, const Error& error, const Output& output);

}  // namespace danectl
