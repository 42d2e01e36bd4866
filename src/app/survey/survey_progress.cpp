#include "app/survey/survey_progress.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

using std::chrono::steady_clock;

constexpr steady_clock::duration between_drawings = std::chrono::milliseconds(500);
constexpr steady_clock::duration between_lines = std::chrono::seconds(10);

}  // namespace

SurveyProgress::SurveyProgress(const Output& output) : output_(output), line_(output.err, output.error_terminal) {}

void SurveyProgress::show(const State& state) {
  const bool draws = output_.error_terminal;
  if (output_.verbosity == Verbosity::quiet || (!draws && output_.verbosity < Verbosity::verbose)) return;
  const auto now = steady_clock::now();
  if (now - last_ >= (draws ? between_drawings : between_lines)) {
    text_ = text_of(state, now - last_);
    last_ = now;
    before_ = state;
    if (!draws) output_.err << "danectl: " << text_ << '\n' << std::flush;
  }
  if (!text_.empty()) line_.draw(text_);
}

std::string SurveyProgress::text_of(const State& state, steady_clock::duration passed) const {
  const double seconds = std::chrono::duration<double>(passed).count();
  std::string text = fmt::format("{} domains, {:.0f} a second; {} questions, {:.0f} a second", state.domains,
                                 static_cast<double>(state.domains - before_.domains) / seconds, state.questions,
                                 static_cast<double>(state.questions - before_.questions) / seconds);
  if (state.hosts_to_probe != 0) text += fmt::format("; {} hosts to probe", state.hosts_to_probe);
  return text;
}

}  // namespace danectl
