// A line on a terminal that is drawn over, and gone in the end.
#pragma once

#include "app/frame/output.hpp"

#include <string>

namespace danectl {

class ProgressLine {
 public:
  explicit ProgressLine(const Output& output) : output_(output) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Where it cannot be drawn over, or with -q: nothing.
  void draw(const std::string& line) {
    if (!output_.terminal || output_.verbosity == Verbosity::quiet) return;
    output_.out << "\r\x1b[K" << line << std::flush;
    drawn_ = true;
  }
  void clear() {
    if (drawn_) output_.out << "\r\x1b[K" << std::flush;
    drawn_ = false;
  }

 private:
  const Output& output_;
  bool drawn_ = false;
};

}  // namespace danectl
