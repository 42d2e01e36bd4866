// How far a survey is and how fast it goes, on standard error: drawn over on a terminal, a line now and then with -v.
#pragma once

#include "app/frame/output.hpp"
#include "app/frame/progress_line.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace danectl {

class SurveyProgress {
 public:
  explicit SurveyProgress(const Output& output);

  struct State {
    std::uint64_t domains = 0;
    std::uint64_t questions = 0;
    std::uint64_t hosts_to_probe = 0;
  };
  void show(const State& state);
  // Before lines go to the same terminal.
  void clear() { line_.clear(); }

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  [[nodiscard]] std::string text_of(const State& state, std::chrono::steady_clock::duration passed) const;

  const Output& output_;
  ProgressLine line_;
  const TimePoint start_ = std::chrono::steady_clock::now();
  TimePoint last_ = start_;
  State before_;
  std::string text_;  // that is shown
};

}  // namespace danectl
