#include "system/dns/unbound_mail_resolver.hpp"

#include "system/dns/mail_questions.hpp"
#include "system/dns/resolver_session.hpp"

#include <chrono>
#include <map>

namespace danectl {
namespace {

using std::chrono::steady_clock;

// Each domain and each host is asked about once.
class Course {
 public:
  explicit Course(MailQuestions& questions) : questions_(questions) {}

  void want(const DnsName& domain) {
    if (!domains_.try_emplace(domain).second) return;
    questions_.ask_domain(domain, [this](MailDomain found) {
      for (const Exchange& exchange : found.exchanges) want_host(exchange.host);
      domains_.at(found.name) = std::move(found);
    });
  }

  [[nodiscard]] MailLook look(const std::vector<DnsName>& domains) const {
    MailLook look;
    for (const DnsName& domain : domains) look.domains.push_back(domains_.at(domain));
    for (const auto& [name, host] : hosts_) look.hosts.push_back(host);
    return look;
  }

 private:
  void want_host(const DnsName& name) {
    if (!hosts_.try_emplace(name).second) return;
    questions_.ask_host(name, [this](MailHost found) { hosts_.at(found.seen.host) = std::move(found); });
  }

  MailQuestions& questions_;
  std::map<DnsName, MailDomain> domains_;
  std::map<DnsName, MailHost> hosts_;
};

}  // namespace

Result<MailLook> UnboundMailResolver::look(const std::vector<DnsName>& domains) {
  const auto end = steady_clock::now() + 2 * config_.timeout;
  auto opener = resolver_opener(config_);
  if (!opener) return opener.error();
  UnboundBatch batch(config_.timeout);
  MailQuestions questions(batch, batch.add_session(*std::move(opener)));
  questions.ask_root();
  batch.run(end);
  if (auto root = check_root(questions.root(), config_); !root) return root.error();
  Course course(questions);
  for (const DnsName& domain : domains) course.want(domain);
  batch.run(end);
  return course.look(domains);
}

}  // namespace danectl
