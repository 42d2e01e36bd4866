#pragma once

#include "core/config/config.hpp"
#include "ports/mail_survey.hpp"

#include <memory>
#include <optional>

namespace danectl {

class SurveyGate;

// By libunbound, one context for all.
class UnboundMailSurvey : public MailSurvey {
 public:
  // `rate`: questions a second, all together, those included that validation needs; nothing: as fast as they are
  // answered.
  UnboundMailSurvey(DnsConfig config, std::optional<unsigned> rate);
  ~UnboundMailSurvey() override;
  Status run(SurveyClient& client) override;
  [[nodiscard]] std::uint64_t questions() const override;

 private:
  DnsConfig config_;
  std::unique_ptr<SurveyGate> gate_;
};

}  // namespace danectl
