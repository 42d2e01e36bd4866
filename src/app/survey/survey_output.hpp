// Where the lines of a survey go: to standard output, or into a file in which an earlier call may have begun.
#pragma once

#include "app/survey/survey_format.hpp"
#include "core/survey/survey_summary.hpp"
#include "ports/clock.hpp"
#include "ports/line_files.hpp"

#include <memory>
#include <ostream>
#include <string>

namespace danectl {

class SurveyOutput {
 public:
  SurveyOutput(SurveyFormat format, std::ostream& stream) : format_(format), stream_(&stream) {}
  SurveyOutput(SurveyFormat format, std::string path, std::unique_ptr<GrowingFile> file)
      : format_(format), path_(std::move(path)), file_(std::move(file)) {}

  struct Before {
    std::uint64_t lines = 0;        // of the list that the file has already
    std::uint64_t not_counted = 0;  // of these, those that are not in the summary: only JSON is read again
  };
  // Takes from the list what the file has already, and counts it. A last line without an end is cut off, so that its
  // domain is asked again. ErrorKind::invalid: the file is no survey in this format, or one of another list; nothing is
  // changed then. To standard output: nothing is there.
  Result<Before> go_on(DomainList& list, SurveySummary& summary, Clock& clock);

  // Kept together until flush().
  void add(const SurveyLine& line) { waiting_ += survey_text(format_, line); }
  [[nodiscard]] bool is_due() const { return waiting_.size() >= most_waiting; }
  Status flush();
  // The last flush, which survives a power failure.
  Status finish();

 private:
  static constexpr std::size_t most_waiting = std::size_t{64} << 10U;
  [[nodiscard]] Error not_this_survey(std::string_view why) const;
  Result<bool> next_line(std::string& line);
  // `there`: whether the file has a first line, `line`.
  [[nodiscard]] Status check_first_line(bool there, std::string_view line) const;
  Status count(std::string_view line, SurveySummary& summary, Before& before) const;

  SurveyFormat format_;
  std::ostream* stream_ = nullptr;
  std::string path_;
  std::unique_ptr<GrowingFile> file_;
  std::string waiting_;
};

}  // namespace danectl
