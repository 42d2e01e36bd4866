// Many questions in flight together, over several libunbound contexts, from one thread.
#pragma once

#include "core/base/time.hpp"
#include "core/dns/dns_name.hpp"
#include "system/dns/reply.hpp"
#include "system/dns/unbound_context.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace danectl {

class UnboundBatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Opener = std::function<Result<UnboundContext>()>;
  using Done = std::function<void(const Reply&)>;
  using Session = std::size_t;
  // Asked before each question is sent. Nothing: it may be sent now, and counts as sent. Else when to come back with
  // it; the questions behind it wait as well.
  using Gate = std::function<std::optional<TimePoint>(const DnsName& name, int type, TimePoint now)>;
  // Neither libunbound's tables nor a small server should have ten thousand at once.
  static constexpr std::size_t usual_in_flight = 128;

  // `most_in_flight`: questions, for each session.
  explicit UnboundBatch(Milliseconds time_for_an_answer, std::size_t most_in_flight = usual_in_flight, Gate gate = {});
  ~UnboundBatch();
  UnboundBatch(const UnboundBatch&) = delete;
  UnboundBatch& operator=(const UnboundBatch&) = delete;

  // A context of its own, opened when it is first asked and one of 16 places is free, closed when no question is left
  // for it; asked again after that, it starts with an empty cache.
  Session add_session(Opener opener);
  // `done` is called once, from within run(), and may ask more.
  void ask(Session session, const DnsName& name, int type, Done done);
  // Questions that are asked and not sent yet.
  [[nodiscard]] std::size_t waiting() const;
  // Until all is answered or this time; what is left then is `silent` or `not_asked`.
  void run(TimePoint end);
  // For who always has more to ask: sends what may be sent, and waits until something is answered or late, or until
  // `until`. A context stays open when nothing is left for it, and its cache stays warm.
  void step(TimePoint until);

 private:
  struct Question;
  struct Line;
  bool anything_left() const;
  std::size_t places_taken() const;
  void open_sessions();
  void open(Line& line);
  std::optional<TimePoint> send(Line& line);
  void send_one(Line& line, std::unique_ptr<Question> question);
  void round(TimePoint end);
  void wait(TimePoint end);
  void take_answers(Line& line);
  void expire(Line& line);
  void give_up(Line& line, const std::string& why_not_asked);
  void deliver();
  static void answered(void* question, int error, ub_result* result);

  const Milliseconds time_for_an_answer_;
  const std::size_t most_in_flight_;
  const Gate gate_;
  std::vector<std::unique_ptr<Line>> lines_;
  std::vector<std::unique_ptr<Question>> finished_;
};

}  // namespace danectl
