#include "system/dns/unbound_batch.hpp"

#include "system/dns/rcode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <list>
#include <optional>

#include <arpa/nameser.h>
#include <poll.h>

namespace danectl {
namespace {

// A context costs about 1.6 MiB, seven descriptors and a thread.
constexpr std::size_t most_contexts = 16;

using std::chrono::steady_clock;

std::string span_text(steady_clock::duration span) {
  const auto tenths = std::chrono::round<std::chrono::duration<long, std::deci>>(span).count();
  return tenths % 10 == 0 ? fmt::format("{} s", tenths / 10) : fmt::format("{}.{} s", tenths / 10, tenths % 10);
}

// Without libunbound's preamble, "validation failure <NAME TYPE CLASS>: ", since the name is told beside it.
std::string bogus_text(const char* why) {
  std::string text = why == nullptr ? "" : why;
  if (const std::size_t preamble = text.find(">: ");
      text.starts_with("validation failure <") && preamble != text.npos) {
    text.erase(0, preamble + 3);
  }
  return text.empty() ? "bogus" : "bogus: " + text;
}

void take_data(Reply& reply, const ub_result& result) {
  if (result.answer_packet != nullptr && result.answer_len > 0) {
    const auto* octets = static_cast<const std::uint8_t*>(result.answer_packet);
    reply.packet.assign(octets, octets + result.answer_len);
  }
  for (int i = 0; result.data != nullptr && result.data[i] != nullptr; ++i) {
    reply.rdata.emplace_back(result.data[i], static_cast<std::size_t>(result.len[i]));
  }
}

// `secure` alone decides: a bogus reply may have rcode 0 and data.
Reply to_reply(const ub_result& result) {
  Reply reply;
  if (result.bogus != 0) {
    reply.kind = Reply::Kind::bogus;
    reply.why = bogus_text(result.why_bogus);
  } else if (result.rcode != ns_r_noerror && result.rcode != ns_r_nxdomain) {
    reply.kind = Reply::Kind::failed;
    reply.why = rcode_text(result.rcode);
  } else if (result.secure == 0) {
    reply.kind = Reply::Kind::insecure;
    reply.why = "answer not signed";
    take_data(reply, result);
  } else {
    reply.kind = Reply::Kind::secure;
    take_data(reply, result);
  }
  return reply;
}

Reply silent(steady_clock::duration span) {
  Reply reply;
  reply.kind = Reply::Kind::silent;
  reply.why = fmt::format("no answer within {}", span_text(span));
  return reply;
}

}  // namespace

struct UnboundBatch::Question {
  DnsName name;
  int type = 0;
  Done done;
  TimePoint asked;
  TimePoint deadline;
  int id = 0;
  Reply reply;
  Line* line = nullptr;
  std::list<std::unique_ptr<Question>>::iterator place;  // in its line's `in_flight`
};

struct UnboundBatch::Line {
  Opener opener;
  std::deque<std::unique_ptr<Question>> waiting;
  // In the order in which they were sent, which is that of their deadlines.
  std::list<std::unique_ptr<Question>> in_flight;
  std::list<std::unique_ptr<Question>> answered;
  bool heard = false;  // of the server or resolver, since the context was opened
  // Last, so that it goes first.
  std::optional<UnboundContext> context;

  [[nodiscard]] bool idle() const { return waiting.empty() && in_flight.empty(); }
};

UnboundBatch::UnboundBatch(Milliseconds time_for_an_answer, std::size_t most_in_flight, Gate gate)
    : time_for_an_answer_(time_for_an_answer), most_in_flight_(most_in_flight), gate_(std::move(gate)) {}
UnboundBatch::~UnboundBatch() = default;

UnboundBatch::Session UnboundBatch::add_session(Opener opener) {
  lines_.push_back(std::make_unique<Line>());
  lines_.back()->opener = std::move(opener);
  return lines_.size() - 1;
}

void UnboundBatch::ask(Session session, const DnsName& name, int type, Done done) {
  auto question = std::make_unique<Question>();
  question->name = name;
  question->type = type;
  question->done = std::move(done);
  lines_[session]->waiting.push_back(std::move(question));
}

std::size_t UnboundBatch::waiting() const {
  std::size_t questions = 0;
  for (const auto& line : lines_) questions += line->waiting.size();
  return questions;
}

void UnboundBatch::run(TimePoint end) {
  while (anything_left()) {
    if (steady_clock::now() >= end) {
      for (auto& line : lines_) give_up(*line, "not asked: the time for a look was over");
    } else {
      round(end);
    }
    deliver();
    // Only now, since `done` may have asked more.
    for (auto& line : lines_) {
      if (line->idle()) line->context.reset();
    }
  }
}

void UnboundBatch::step(TimePoint until) {
  round(until);
  deliver();
}

void UnboundBatch::round(TimePoint end) {
  open_sessions();
  for (auto& line : lines_) {
    if (const auto later = send(*line)) end = std::min(end, *later);
  }
  if (finished_.empty()) wait(end);
  for (auto& line : lines_) expire(*line);
}

bool UnboundBatch::anything_left() const {
  return std::any_of(lines_.begin(), lines_.end(), [](const auto& line) { return !line->idle(); });
}

std::size_t UnboundBatch::places_taken() const {
  return static_cast<std::size_t>(
      std::count_if(lines_.begin(), lines_.end(), [](const auto& line) { return line->context.has_value(); }));
}

void UnboundBatch::open_sessions() {
  std::size_t taken = places_taken();
  for (auto& line : lines_) {
    if (taken >= most_contexts) return;
    if (line->context || line->idle()) continue;
    open(*line);
    if (line->context) ++taken;
  }
}

void UnboundBatch::open(Line& line) {
  auto context = line.opener();
  if (!context) {
    give_up(line, "not asked: " + context.error().what);
    return;
  }
  line.context.emplace(std::move(*context));
  line.heard = false;
}

// When the gate lets the next one through; nothing: it holds none back.
std::optional<UnboundBatch::TimePoint> UnboundBatch::send(Line& line) {
  // Taken once: questions sent together run out of time together.
  const TimePoint now = steady_clock::now();
  while (line.context && !line.waiting.empty() && line.in_flight.size() < most_in_flight_) {
    const Question& next = *line.waiting.front();
    if (const auto later = gate_ ? gate_(next.name, next.type, now) : std::nullopt) return later;
    auto question = std::move(line.waiting.front());
    line.waiting.pop_front();
    question->asked = now;
    question->deadline = now + time_for_an_answer_;
    send_one(line, std::move(question));
  }
  return std::nullopt;
}

void UnboundBatch::send_one(Line& line, std::unique_ptr<Question> question) {
  const int error = line.context->ask(question->name, question->type, question.get(), answered, &question->id);
  if (error == 0) {
    question->line = &line;
    line.in_flight.push_back(std::move(question));
    line.in_flight.back()->place = std::prev(line.in_flight.end());
    return;
  }
  question->reply.why = fmt::format("not asked: libunbound: {}", ub_strerror(error));
  question->reply.libunbound_error = error;
  finished_.push_back(std::move(question));
}

void UnboundBatch::wait(TimePoint end) {
  std::vector<pollfd> descriptors;
  std::vector<Line*> polled;
  TimePoint next = end;
  for (auto& line : lines_) {
    if (!line->context) continue;
    descriptors.push_back({line->context->descriptor(), POLLIN, 0});
    polled.push_back(line.get());
    if (!line->in_flight.empty()) next = std::min(next, line->in_flight.front()->deadline);
  }
  const auto span = std::chrono::ceil<Milliseconds>(next - steady_clock::now()).count();
  if (::poll(descriptors.data(), descriptors.size(), static_cast<int>(std::max<Milliseconds::rep>(span, 0))) <= 0)
    return;
  for (std::size_t i = 0; i < polled.size(); ++i) {
    if (descriptors[i].revents != 0) take_answers(*polled[i]);
  }
}

void UnboundBatch::answered(void* question, int error, ub_result* result) {
  auto& answered = *static_cast<Question*>(question);
  Line& line = *answered.line;
  line.answered.splice(line.answered.end(), line.in_flight, answered.place);
  if (error != 0 || result == nullptr) {
    answered.reply.why = fmt::format("not asked: libunbound: {}", ub_strerror(error));
    answered.reply.libunbound_error = error;
  } else {
    answered.reply = to_reply(*result);
  }
  ub_resolve_free(result);
}

void UnboundBatch::take_answers(Line& line) {
  const int error = line.context->process();
  if (!line.answered.empty()) line.heard = true;
  for (auto& question : line.answered) finished_.push_back(std::move(question));
  line.answered.clear();
  if (error == 0) return;
  const std::string why = fmt::format("libunbound: {}", ub_strerror(error));
  for (auto& question : line.in_flight) question->reply.why = why;
  give_up(line, why);
}

void UnboundBatch::expire(Line& line) {
  const TimePoint now = steady_clock::now();
  const auto any_late = [&] { return !line.in_flight.empty() && line.in_flight.front()->deadline <= now; };
  if (!any_late()) return;
  if (!line.heard) {
    // A server that is silent to all must not hold its place while one question after the other runs out of time.
    give_up(line, fmt::format("not asked: no answer to other questions within {}", span_text(time_for_an_answer_)));
    return;
  }
  while (any_late()) {
    std::unique_ptr<Question> question = std::move(line.in_flight.front());
    line.in_flight.pop_front();
    line.context->cancel(question->id);
    question->reply = silent(now - question->asked);
    finished_.push_back(std::move(question));
  }
}

void UnboundBatch::give_up(Line& line, const std::string& why_not_asked) {
  const TimePoint now = steady_clock::now();
  line.context.reset();  // and with it every callback
  for (auto& question : line.in_flight) {
    if (question->reply.why.empty()) question->reply = silent(now - question->asked);
    finished_.push_back(std::move(question));
  }
  for (auto& question : line.waiting) {
    question->reply.why = why_not_asked;
    finished_.push_back(std::move(question));
  }
  line.in_flight.clear();
  line.waiting.clear();
}

void UnboundBatch::deliver() {
  auto finished = std::move(finished_);
  finished_.clear();
  for (const auto& question : finished) question->done(question->reply);
}

}  // namespace danectl
