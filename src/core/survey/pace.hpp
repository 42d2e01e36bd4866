// How fast questions may be sent: a token bucket. Pure: whoever asks says what time it is.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace danectl {

class Pace {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // In any second at most about `rate` questions begin: what may come at once after a rest, and what comes then in a
  // second, are that many together. REQUIRES: rate is not 0.
  explicit Pace(unsigned rate)
      : at_once_(std::max(1.0, rate / 10.0)), a_second_(std::max(rate - at_once_, rate / 2.0)), left_(at_once_) {}

  // Nothing: `questions` may be sent now, and are taken off. Else when. More than what may come at once is lent, and
  // whoever comes next waits for it.
  std::optional<TimePoint> take(unsigned questions, TimePoint now) {
    using Span = std::chrono::duration<double>;
    if (before_) left_ = std::min(at_once_, left_ + a_second_ * Span(now - *before_).count());
    before_ = now;
    const double needed = std::min<double>(questions, at_once_);
    if (left_ < needed) {
      return now + std::chrono::ceil<std::chrono::milliseconds>(Span((needed - left_) / a_second_));
    }
    left_ -= questions;
    return std::nullopt;
  }

  // What was sent beyond what was taken.
  void charge(unsigned questions) { left_ -= questions; }

 private:
  double at_once_;
  double a_second_;
  double left_;
  std::optional<TimePoint> before_;
};

}  // namespace danectl
