// Asks the validating resolver what a sender asks on its way from a mail domain to the TLSA records of its hosts.
#pragma once

#include "core/mail/mail_domain.hpp"
#include "core/mail/mail_policies.hpp"
#include "system/dns/unbound_batch.hpp"

#include <functional>

namespace danectl {

// It remembers nothing of what it asked but the root's reply.
class MailQuestions {
 public:
  using DomainDone = std::function<void(MailDomain)>;
  using HostDone = std::function<void(MailHost)>;
  using TextsDone = std::function<void(Texts)>;

  MailQuestions(UnboundBatch& batch, UnboundBatch::Session resolver) : batch_(batch), resolver_(resolver) {}
  MailQuestions(const MailQuestions&) = delete;
  MailQuestions& operator=(const MailQuestions&) = delete;

  // To be asked, and answered, before anything else: where the root is not validated nothing counts as not signed.
  void ask_root();
  [[nodiscard]] const Reply& root() const { return root_; }

  // Its MX RRset: one question. `done` is called once, from within the batch's run(), and may ask more.
  void ask_domain(const DnsName& domain, DomainDone done);
  // Its addresses, then its TLSA records for port 25: two questions and none to two more.
  void ask_host(const DnsName& host, HostDone done);
  // Its TXT records, be they signed or not: one question.
  void ask_texts(const DnsName& name, TextsDone done);

 private:
  struct HostCourse;
  void take_addresses(const std::shared_ptr<HostCourse>& course);
  void ask_first_alias(const std::shared_ptr<HostCourse>& course);
  void ask_tlsa(const std::shared_ptr<HostCourse>& course, const DnsName& base);

  UnboundBatch& batch_;
  UnboundBatch::Session resolver_;
  Reply root_;
};

}  // namespace danectl
