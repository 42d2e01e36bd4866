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
      domains_.at(found.name).domain = std::move(found);
    });
    want_texts(domain, "_smtp._tls.", &MailPolicies::tls_reporting);
    want_texts(domain, "_mta-sts.", &MailPolicies::mta_sts);
  }

  [[nodiscard]] MailLook look(const std::vector<DnsName>& domains) const {
    MailLook look;
    for (const DnsName& domain : domains) {
      look.domains.push_back(domains_.at(domain).domain);
      look.policies.push_back(domains_.at(domain).policies);
    }
    for (const auto& [name, host] : hosts_) look.hosts.push_back(host);
    return look;
  }

 private:
  struct Found {
    MailDomain domain;
    MailPolicies policies;
  };

  void want_texts(const DnsName& domain, const char* prefix, Texts MailPolicies::*texts) {
    // A domain's name may be so long that there is no name below it.
    const auto name = DnsName::parse(prefix + domain.text());
    if (!name) return;
    questions_.ask_texts(
        *name, [this, domain, texts](Texts found) { domains_.at(domain).policies.*texts = std::move(found); });
  }

  void want_host(const DnsName& name) {
    if (!hosts_.try_emplace(name).second) return;
    questions_.ask_host(name, [this](MailHost found) { hosts_.at(found.seen.host) = std::move(found); });
  }

  MailQuestions& questions_;
  std::map<DnsName, Found> domains_;
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
