#include "app/survey/survey_course.hpp"

namespace danectl {
namespace {

// Entries between the first whose line is not written yet and the last that was begun. A domain whose servers are
// silent holds up the lines behind it, and no more than these.
constexpr std::size_t most_slots = 16384;

SurveyLine line_of(const ListEntry& entry, const SurveyedMail& mail, const std::vector<std::optional<Knock>>& knocks) {
  SurveyLine line;
  line.number = entry.number;
  line.fault = entry.fault;
  line.domain = mail.domain;
  for (std::size_t i = 0; i < mail.hosts.size(); ++i) {
    line.hosts.push_back(surveyed_host(mail.domain.exchanges[i], *mail.hosts[i]));
    if (i < knocks.size()) line.hosts.back().knock = knocks[i];
  }
  return line;
}

}  // namespace

Status SurveyCourse::run(MailSurvey& survey) {
  survey_ = &survey;
  const Status asked = survey.run(*this);
  while (parts_.knocker != nullptr && parts_.knocker->waiting() != 0 && !interrupted_) {
    knock_at_some();
    if (go_on() == GoOn::stop) break;
  }
  write_finished();
  parts_.progress.clear();
  note(parts_.output.finish());
  return so_far_ ? asked : so_far_;
}

SurveyClient::Next SurveyCourse::next(Wanted& wanted) {
  while (so_far_ && slots_.size() < most_slots) {
    ListEntry entry;
    const auto read = parts_.list.next(entry);
    if (!read) {
      note(read.error());
      return Next::end;
    }
    if (*read == LineReader::Next::none_yet) return Next::none_yet;
    if (*read == LineReader::Next::end) return Next::end;
    const bool is_domain = entry.fault.empty();
    if (is_domain) wanted = {first_ticket_ + slots_.size(), entry.domain};
    slots_.push_back({std::move(entry), {}, {}, is_domain ? std::size_t{1} : std::size_t{0}});
    if (is_domain) return Next::domain;
    write_finished();
  }
  return so_far_ ? Next::none_yet : Next::end;
}

void SurveyCourse::take(std::uint64_t ticket, SurveyedMail mail) {
  Slot& answered = slot(ticket);
  answered.mail = std::move(mail);
  if (parts_.knocker != nullptr) want_knocks(ticket);
  --answered.missing;
  write_finished();
}

void SurveyCourse::want_knocks(std::uint64_t ticket) {
  Slot& of_domain = slot(ticket);
  const SurveyedMail& mail = of_domain.mail;
  of_domain.knocks.resize(mail.hosts.size());
  // Where the MX records are not secure no sender looks at the hosts' TLSA records.
  if (mail.domain.dnssec != Dnssec::secure) return;
  for (std::size_t i = 0; i < mail.hosts.size(); ++i) {
    if (way_of(*mail.hosts[i]) != HostWay::dane || mail.hosts[i]->addresses.empty()) continue;
    ++of_domain.missing;
    parts_.knocker->want(*mail.hosts[i], mail.domain.name, [this, ticket, i](const Knock& knock) {
      Slot& waiting = slot(ticket);
      waiting.knocks[i] = knock;
      --waiting.missing;
    });
  }
}

void SurveyCourse::knock_at_some() {
  parts_.knocker->knock();
  write_finished();
}

SurveyClient::GoOn SurveyCourse::go_on() {
  if (parts_.knocker != nullptr && parts_.knocker->waiting() != 0) knock_at_some();
  flush();
  show_progress();
  interrupted_ = parts_.interruption.asked_for();
  return interrupted_ || !so_far_ ? GoOn::stop : GoOn::yes;
}

void SurveyCourse::write_finished() {
  while (so_far_ && !slots_.empty() && slots_.front().missing == 0) {
    const Slot& first = slots_.front();
    SurveyLine line = line_of(first.entry, first.mail, first.knocks);
    parts_.summary.add(line);
    parts_.output.add(line);
    ++lines_;
    slots_.pop_front();
    ++first_ticket_;
    if (parts_.output.is_due()) flush();
  }
}

void SurveyCourse::flush() {
  if (!so_far_) return;
  parts_.progress.clear();
  note(parts_.output.flush());
}

void SurveyCourse::note(const Status& status) {
  if (so_far_ && !status) so_far_ = status;
}

void SurveyCourse::show_progress() {
  parts_.progress.show({lines_, survey_->questions(), parts_.knocker == nullptr ? 0 : parts_.knocker->waiting()});
}

}  // namespace danectl
