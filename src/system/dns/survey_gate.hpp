// What a question of a survey costs the servers that are asked, and when it may be sent.
#pragma once

#include "core/survey/pace.hpp"
#include "core/survey/recent_names.hpp"
#include "system/dns/unbound_batch.hpp"

#include <cstdint>
#include <optional>

namespace danectl {

class SurveyGate {
 public:
  // `rate`: questions a second, those included that libunbound asks by itself; nothing: without a limit.
  explicit SurveyGate(std::optional<unsigned> rate);

  // As UnboundBatch::Gate.
  std::optional<UnboundBatch::TimePoint> pass(const DnsName& name, int type, UnboundBatch::TimePoint now);
  // Questions that passed.
  [[nodiscard]] std::uint64_t passed() const { return passed_; }

 private:
  unsigned cost_of(const DnsName& name, int type);

  std::optional<Pace> pace_;
  // Domains of which libunbound has the keys in its cache, or the proof that there are none.
  RecentNames known_;
  std::optional<unsigned> cost_;  // of the question that waits
  std::uint64_t passed_ = 0;
};

}  // namespace danectl
