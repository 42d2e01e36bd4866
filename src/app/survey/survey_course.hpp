// The course of a survey: domains from the list, answers from DNS and the mail servers, lines in the order of the list.
#pragma once

#include "app/survey/knocker.hpp"
#include "app/survey/survey_output.hpp"
#include "app/survey/survey_progress.hpp"
#include "ports/interruption.hpp"
#include "ports/mail_survey.hpp"

#include <deque>
#include <optional>
#include <vector>

namespace danectl {

class SurveyCourse : public SurveyClient {
 public:
  struct Parts {
    DomainList& list;
    SurveyOutput& output;
    SurveySummary& summary;
    Knocker* knocker;  // nothing: nobody knocks
    const Interruption& interruption;
    SurveyProgress& progress;
  };
  explicit SurveyCourse(const Parts& parts) : parts_(parts) {}

  // Until the list ends, or somebody ends it. An Error of DNS, of the list, or of the output; the lines before it are
  // written.
  Status run(MailSurvey& survey);
  [[nodiscard]] bool interrupted() const { return interrupted_; }
  // That were written by this call.
  [[nodiscard]] std::uint64_t lines() const { return lines_; }

  Next next(Wanted& wanted) override;
  void take(std::uint64_t ticket, SurveyedMail mail) override;
  GoOn go_on() override;

 private:
  // An entry of the list whose line is not written yet.
  struct Slot {
    ListEntry entry;
    SurveyedMail mail;
    std::vector<std::optional<Knock>> knocks;  // one for each host
    std::size_t missing = 1;                   // the answer of DNS, then the knocks
  };
  [[nodiscard]] Slot& slot(std::uint64_t ticket) { return slots_[ticket - first_ticket_]; }
  void want_knocks(std::uint64_t ticket);
  void knock_at_some();
  void write_finished();
  void flush();
  void note(const Status& status);
  void show_progress();

  Parts parts_;
  MailSurvey* survey_ = nullptr;
  std::deque<Slot> slots_;
  std::uint64_t first_ticket_ = 0;  // of the first slot
  std::uint64_t lines_ = 0;
  bool interrupted_ = false;
  Status so_far_;  // of the list and the output
};

}  // namespace danectl
