// Where a verb speaks: text for a person or a script to `out`, trouble to `err`.
#pragma once

#include "core/base/result.hpp"

#include <cstddef>
#include <ostream>
#include <string_view>

namespace danectl {

enum class Verbosity {
  quiet,
  normal,
  verbose,  // each step, and why
  debug,    // what changes in the state as well
};

struct Output {
  std::ostream& out;
  std::ostream& err;
  Verbosity verbosity = Verbosity::normal;
  bool terminal = false;        // what is written can be drawn over
  bool colour = false;          // a terminal, and NO_COLOR is not set
  bool unicode = false;         // the locale's character set can show a bar of blocks
  bool error_terminal = false;  // as `terminal`, of what is written to `err`
  // Of the terminals that `out` and `err` are; 0: it is none, and a line may be as long as it is.
  std::size_t columns = 0;
  std::size_t err_columns = 0;

  // "danectl: what" and, below it, the hint; each line of either is kept.
  void trouble(const Error& error) const;
  void trouble(std::string_view subject, const Error& error) const;  // "danectl: SUBJECT: what"
  // A warning: something a person should know though the step was done.
  void warn(std::string_view what, std::string_view hint = {}) const;
};

}  // namespace danectl
