#include "system/dns/unbound_mail_survey.hpp"

#include "system/dns/host_memory.hpp"
#include "system/dns/mail_questions.hpp"
#include "system/dns/resolver_session.hpp"
#include "system/dns/survey_gate.hpp"

#include <fmt/format.h>

#include <chrono>
#include <unordered_map>

namespace danectl {
namespace {

using std::chrono::steady_clock;

// A domain whose servers are silent keeps its place for one to three times [dns] timeout.
constexpr std::size_t most_domains = 1024;
// Large providers have fewer than ten. Each one costs some questions, and up to two connections.
constexpr std::size_t most_exchanges = 32;
constexpr std::size_t most_questions = 1024;
// At a slow rate a domain that was begun is finished before many others are begun: their lines come soon, and a call
// that is ended loses little.
constexpr std::size_t most_waiting = 64;
// A host has up to some kilobytes of records.
constexpr std::size_t most_hosts = 4096;
constexpr std::chrono::seconds keep_host{300};
constexpr std::chrono::milliseconds between_calls{100};
// So many `unknown` one after the other are worth a question whether DNS works at all.
constexpr std::size_t most_in_doubt = 64;

bool is_unknown(const SurveyedMail& mail) {
  std::vector<HostWay> ways;
  for (const auto& host : mail.hosts) ways.push_back(way_of(*host));
  return way_of(mail.domain, ways) == DomainWay::unknown;
}

class Course {
 public:
  Course(const DnsConfig& config, SurveyClient& client, SurveyGate& gate, const UnboundBatch::Opener& opener)
      : config_(config),
        client_(client),
        batch_(
            config.timeout, most_questions,
            [&gate](const DnsName& name, int type, UnboundBatch::TimePoint now) { return gate.pass(name, type, now); }),
        questions_(batch_, batch_.add_session(opener)),
        hosts_(questions_, most_hosts, keep_host) {}

  Status run() {
    questions_.ask_root();
    const auto end = steady_clock::now() + config_.timeout;
    while (questions_.root().kind == Reply::Kind::not_asked && steady_clock::now() < end) batch_.step(end);
    if (auto root = check_root_of(questions_.root()); !root) return root;
    while (client_.go_on() == SurveyClient::GoOn::yes) {
      const auto until = steady_clock::now() + between_calls;
      do {
        feed();
        batch_.step(until);
        if (!in_doubt_.empty() && (in_doubt_.size() >= most_in_doubt || open_.empty())) {
          if (auto works = settle_doubt(); !works) return works;
        }
        if (no_more_ && open_.empty()) return {};
      } while (steady_clock::now() < until);
    }
    return {};
  }

 private:
  struct Open {
    SurveyedMail mail;
    std::size_t missing = 0;  // of its hosts
  };
  struct Answer {
    std::uint64_t ticket;
    SurveyedMail mail;
  };

  // Unlike a look, a survey is nothing without the root: each of its lines would be `unknown`.
  [[nodiscard]] Status check_root_of(const Reply& root) const {
    if (auto checked = check_root(root, config_); !checked) return checked;
    if (root.kind == Reply::Kind::secure) return {};
    return not_yet(fmt::format("DNS gives no answer: {}", why_not_secure(DnsName{}, root)),
                   "[dns] resolver says who is asked");
  }

  void feed() {
    SurveyClient::Wanted wanted;
    while (!no_more_ && open_.size() < most_domains && batch_.waiting() < most_waiting) {
      switch (client_.next(wanted)) {
        case SurveyClient::Next::none_yet:
          return;
        case SurveyClient::Next::end:
          no_more_ = true;
          return;
        case SurveyClient::Next::domain:
          ask(wanted);
          break;
      }
    }
  }

  void ask(const SurveyClient::Wanted& wanted) {
    open_.try_emplace(wanted.ticket);
    questions_.ask_domain(wanted.domain, [this, ticket = wanted.ticket](MailDomain found) {
      Open& open = open_.at(ticket);
      open.mail.domain = std::move(found);
      keep_first_exchanges(open.mail.domain, most_exchanges);
      const std::vector<Exchange> exchanges = open.mail.domain.exchanges;
      open.mail.hosts.resize(exchanges.size());
      open.missing = exchanges.size();
      if (open.missing == 0) finish(ticket);
      for (std::size_t i = 0; i < exchanges.size(); ++i) {
        hosts_.want(exchanges[i].host, [this, ticket, i](const HostMemory::Host& host) {
          Open& waiting = open_.at(ticket);
          waiting.mail.hosts[i] = host;
          if (--waiting.missing == 0) finish(ticket);
        });
      }
    });
  }

  void finish(std::uint64_t ticket) {
    const auto at = open_.find(ticket);
    SurveyedMail mail = std::move(at->second.mail);
    open_.erase(at);
    if (is_unknown(mail)) {
      in_doubt_.push_back({ticket, std::move(mail)});
      return;
    }
    hand_over_doubtful();
    client_.take(ticket, std::move(mail));
  }

  // It may be the domains, or it may be the resolver: a new context has to ask it.
  Status settle_doubt() {
    auto opener = resolver_opener(config_);
    if (!opener) return opener.error();
    UnboundBatch batch(config_.timeout);
    MailQuestions questions(batch, batch.add_session(*std::move(opener)));
    questions.ask_root();
    batch.run(steady_clock::now() + config_.timeout);
    if (auto root = check_root_of(questions.root()); !root) return root;
    hand_over_doubtful();
    return {};
  }

  void hand_over_doubtful() {
    for (Answer& answer : in_doubt_) client_.take(answer.ticket, std::move(answer.mail));
    in_doubt_.clear();
  }

  const DnsConfig& config_;
  SurveyClient& client_;
  bool no_more_ = false;
  std::unordered_map<std::uint64_t, Open> open_;  // by ticket
  std::vector<Answer> in_doubt_;                  // unknown, each since the last answer that was not
  UnboundBatch batch_;
  MailQuestions questions_;
  HostMemory hosts_;
};

}  // namespace

UnboundMailSurvey::UnboundMailSurvey(DnsConfig config, std::optional<unsigned> rate)
    : config_(std::move(config)), gate_(std::make_unique<SurveyGate>(rate)) {}

UnboundMailSurvey::~UnboundMailSurvey() = default;

std::uint64_t UnboundMailSurvey::questions() const {
  return gate_->passed();
}

Status UnboundMailSurvey::run(SurveyClient& client) {
  auto opener = resolver_opener(config_);
  if (!opener) return opener.error();
  return Course(config_, client, *gate_, *opener).run();
}

}  // namespace danectl
