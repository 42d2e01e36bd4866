// A line on a terminal that is drawn over, and gone in the end.
#pragma once

#include "app/frame/output.hpp"

#include <string>

namespace danectl {

class ProgressLine {
 public:
  // On standard output. Where it cannot be drawn over, or with -q: nothing is.
  explicit ProgressLine(const Output& output)
      : ProgressLine(output.out, output.terminal && output.verbosity != Verbosity::quiet) {}
  // `terminal`: whether what is written to `stream` can be drawn over; if not, nothing is.
  ProgressLine(std::ostream& stream, bool terminal) : stream_(stream), terminal_(terminal) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void draw(const std::string& line) {
    if (!terminal_) return;
    stream_ << "\r\x1b[K" << line << std::flush;
    drawn_ = true;
  }
  void clear() {
    if (drawn_) stream_ << "\r\x1b[K" << std::flush;
    drawn_ = false;
  }

 private:
  std::ostream& stream_;
  const bool terminal_;
  bool drawn_ = false;
};

}  // namespace danectl
