#include "app/survey/survey_output.hpp"

#include "app/survey/survey_json.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

// A terminal may be slow to give the list; nothing else is done meanwhile.
constexpr Milliseconds rest{20};

Result<bool> next_entry(DomainList& list, ListEntry& entry, Clock& clock) {
  for (;;) {
    const auto next = list.next(entry);
    if (!next) return next.error();
    if (*next != LineReader::Next::none_yet) return *next == LineReader::Next::line;
    clock.sleep(rest);
  }
}

// What the first line of a file in this format begins with, whatever the list.
std::string first_line(SurveyFormat format) {
  const std::string header = survey_header(format);
  return header.empty() ? R"({"version":1,"line":)" : header;
}

}  // namespace

Error SurveyOutput::not_this_survey(std::string_view why) const {
  return invalid(fmt::format("--output: {} {}", path_, why),
                 "nothing was changed in it; name a file that is not there, or move this one away");
}

Result<bool> SurveyOutput::next_line(std::string& line) {
  Result<bool> there = file_->next(line);
  if (!there && there.error().kind == ErrorKind::invalid) return not_this_survey("is no survey");
  return there;
}

Status SurveyOutput::count(std::string_view line, SurveySummary& summary, Before& before) const {
  ++before.lines;
  if (format_ != SurveyFormat::json) {
    ++before.not_counted;
    return {};
  }
  auto read = read_json_line(line);
  if (!read) return not_this_survey(fmt::format("is no survey: its line {} is not whole", before.lines));
  summary.add(*read);
  return {};
}

// Behind no whole line only the beginning of a survey may be cut off.
Status SurveyOutput::check_first_line(bool there, std::string_view line) const {
  const std::string expected = first_line(format_);
  const std::string found = there ? std::string(line) + "\n" : std::string(file_->rest());
  const std::size_t length = there ? expected.size() : std::min(found.size(), expected.size());
  if (found.substr(0, length) == expected.substr(0, length)) return {};
  return not_this_survey(fmt::format("is no survey in the format {}", to_text(format_)));
}

Result<SurveyOutput::Before> SurveyOutput::go_on(DomainList& list, SurveySummary& summary, Clock& clock) {
  Before before;
  const std::string header = survey_header(format_);
  std::string line;
  auto there = file_ == nullptr ? Result<bool>(false) : next_line(line);
  if (there && file_ != nullptr) {
    if (auto first = check_first_line(*there, line); !first) return first.error();
  }
  if (there && !*there) waiting_ = header;
  if (there && *there && !header.empty()) there = next_line(line);
  ListEntry entry;
  for (; there && *there; there = next_line(line)) {
    const auto listed = next_entry(list, entry, clock);
    if (!listed) return listed.error();
    if (!*listed || !line.starts_with(survey_beginning(format_, entry))) {
      return not_this_survey(fmt::format("is a survey of another list: its line {} does not belong to this one",
                                         before.lines + (header.empty() ? 1 : 2)));
    }
    if (auto counted = count(line, summary, before); !counted) return counted.error();
  }
  if (!there) return there.error();
  // Also where the list has no further entry, and nothing is added.
  if (file_ != nullptr && !file_->rest().empty()) {
    if (auto cut = file_->append({}); !cut) return cut.error();
  }
  return before;
}

Status SurveyOutput::flush() {
  if (waiting_.empty()) return {};
  if (file_ != nullptr) {
    if (auto done = file_->append(waiting_); !done) return done;
  } else if (!(*stream_ << waiting_ << std::flush)) {
    return failed("cannot write to standard output");
  }
  waiting_.clear();
  return {};
}

Status SurveyOutput::finish() {
  if (auto done = flush(); !done || file_ == nullptr) return done;
  return file_->sync();
}

}  // namespace danectl
