#pragma once

#include "core/base/result.hpp"
#include "core/mail/mail_domain.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace danectl {

struct SurveyedMail {
  MailDomain domain;
  std::vector<std::shared_ptr<const MailHost>> hosts;  // one for each of domain.exchanges, in their order
};

// Who wants to know, and takes the answers. It is called from within MailSurvey::run() alone.
class SurveyClient {
 public:
  virtual ~SurveyClient() = default;

  enum class Next {
    domain,
    none_yet,  // none just now: ask again
    end,       // there is none any more
  };
  struct Wanted {
    std::uint64_t ticket = 0;  // by which the answer is known
    DnsName domain;
  };
  virtual Next next(Wanted& wanted) = 0;
  // In the order in which the answers are complete. It may take its time: what comes meanwhile is not lost.
  virtual void take(std::uint64_t ticket, SurveyedMail mail) = 0;
  // Some ten times a second. `stop`: no more is asked, and what is not answered yet is dropped.
  enum class GoOn { yes, stop };
  virtual GoOn go_on() = 0;
};

// What senders find at many mail domains, by the validating resolver, with a bounded number of them on the way. The
// hosts that several domains share are asked once while they are remembered.
class MailSurvey {
 public:
  virtual ~MailSurvey() = default;

  // Until the client has no more domains and all are answered, or until it says `stop`. What could not be asked is
  // `unknown` in the answer. An Error when no look is possible at all, as for Resolver::look(), or not any more: when
  // one domain after the other is `unknown` and the root gives no answer either, they are not handed over.
  virtual Status run(SurveyClient& client) = 0;
  // That the resolver was asked so far.
  [[nodiscard]] virtual std::uint64_t questions() const = 0;
};

}  // namespace danectl
