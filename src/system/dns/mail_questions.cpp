#include "system/dns/mail_questions.hpp"

#include "system/dns/dns_message.hpp"
#include "system/dns/host_replies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include <arpa/nameser.h>

namespace danectl {
namespace {

bool denies_name(const Reply& reply) {
  constexpr std::size_t flags = 3;
  constexpr std::uint8_t rcode = 0x0f;
  return reply.packet.size() > flags && (reply.packet[flags] & rcode) == ns_r_nxdomain;
}

void take_exchanges(MailDomain& domain, const Reply& reply) {
  for (const std::string& rdata : reply.rdata) {
    const auto record = read_mx(rdata);
    if (!record) continue;
    if (record->exchange) {
      domain.exchanges.push_back({record->preference, *record->exchange});
    } else {
      domain.unusable_exchanges.push_back(record->text);
    }
  }
  std::sort(domain.exchanges.begin(), domain.exchanges.end());
  domain.exchanges.erase(std::unique(domain.exchanges.begin(), domain.exchanges.end()), domain.exchanges.end());
  // One beside others means nothing (RFC 7505 section 3).
  const auto is_null = [](const Exchange& exchange) { return exchange.host.is_root(); };
  if (domain.exchanges.size() == 1 && is_null(domain.exchanges.front())) domain.kind = MailDomain::Kind::null_mx;
  std::erase_if(domain.exchanges, is_null);
}

MailDomain domain_by(const DnsName& name, const Reply& reply, const Reply& root) {
  MailDomain domain;
  domain.name = name;
  domain.dnssec = judged(reply, root);
  if (domain.dnssec != Dnssec::secure) domain.why = why_not_secure(name, reply);
  if (!is_answer(reply)) return domain;
  domain.kind = MailDomain::Kind::exchanges;
  take_exchanges(domain, reply);
  if (denies_name(reply)) {
    domain.kind = MailDomain::Kind::none;
  } else if (reply.rdata.empty()) {
    domain.kind = MailDomain::Kind::implicit;
    domain.exchanges = {{0, name}};
  }
  return domain;
}

RRset records_in(const Reply& reply) {
  RRset records;
  for (const std::string& rdata : reply.rdata) {
    const auto record = Association::from_rdata(
        std::span(reinterpret_cast<const std::uint8_t*>(rdata.data()), rdata.size()));  // NOLINT
    if (record) records.push_back(*record);
  }
  std::sort(records.begin(), records.end());
  return records;
}

}  // namespace

void MailQuestions::ask_root() {
  batch_.ask(resolver_, DnsName{}, ns_t_dnskey, [this](const Reply& reply) { root_ = reply; });
}

void MailQuestions::ask_domain(const DnsName& domain, DomainDone done) {
  batch_.ask(resolver_, domain, ns_t_mx,
             [this, domain, done = std::move(done)](const Reply& reply) { done(domain_by(domain, reply, root_)); });
}

void MailQuestions::ask_texts(const DnsName& name, TextsDone done) {
  batch_.ask(resolver_, name, ns_t_txt, [done = std::move(done)](const Reply& reply) {
    Texts texts;
    if (is_answer(reply)) {
      texts.emplace();
      for (const std::string& rdata : reply.rdata) {
        if (auto text = read_text(rdata)) texts->push_back(*std::move(text));
      }
    }
    done(std::move(texts));
  });
}

struct MailQuestions::HostCourse {
  DnsName name;
  HostDone done;
  AddressReplies replies{};
  int open = 2;
  MailHost host{};
};

void MailQuestions::ask_host(const DnsName& host, HostDone done) {
  const auto course = std::make_shared<HostCourse>(HostCourse{host, std::move(done)});
  const auto take = [this, course](Reply AddressReplies::*family) {
    return [this, course, family](const Reply& reply) {
      course->replies.*family = reply;
      if (--course->open == 0) take_addresses(course);
    };
  };
  batch_.ask(resolver_, host, ns_t_a, take(&AddressReplies::v4));
  batch_.ask(resolver_, host, ns_t_aaaa, take(&AddressReplies::v6));
}

void MailQuestions::take_addresses(const std::shared_ptr<HostCourse>& course) {
  MailHost& host = course->host;
  host.seen = inspected_host(course->name, course->replies, root_);
  host.addresses = addresses_in(course->replies);
  const bool is_alias = !host.seen.aliases.empty();
  if (host.seen.addresses == Dnssec::secure && host.seen.has_address == true) {
    ask_tlsa(course, is_alias ? host.seen.aliases.back() : course->name);
  } else if (host.seen.addresses == Dnssec::insecure && host.seen.has_address == true && is_alias) {
    ask_first_alias(course);
  } else {
    course->done(std::move(host));
  }
}

void MailQuestions::ask_first_alias(const std::shared_ptr<HostCourse>& course) {
  batch_.ask(resolver_, course->name, ns_t_cname, [this, course](const Reply& reply) {
    course->host.alias_is_secure = reply.kind == Reply::Kind::secure && !reply.rdata.empty();
    if (course->host.alias_is_secure) {
      ask_tlsa(course, course->name);
    } else {
      course->done(std::move(course->host));
    }
  });
}

void MailQuestions::ask_tlsa(const std::shared_ptr<HostCourse>& course, const DnsName& base) {
  // A host's name may be so long that there is no name below it.
  const auto owner = DnsName::parse("_25._tcp." + base.text());
  if (!owner) {
    course->done(std::move(course->host));
    return;
  }
  batch_.ask(resolver_, *owner, ns_t_tlsa, [this, course, base, owner = *owner](const Reply& reply) {
    TlsaAnswer answer{owner, judged(reply, root_), {}, records_in(reply)};
    if (answer.dnssec != Dnssec::secure) answer.why = why_not_secure(owner, reply);
    const bool passed_over =
        answer.dnssec == Dnssec::insecure || (answer.dnssec == Dnssec::secure && answer.records.empty());
    course->host.tlsa.push_back(std::move(answer));
    if (passed_over && base != course->name) {
      ask_tlsa(course, course->name);
    } else {
      course->done(std::move(course->host));
    }
  });
}

}  // namespace danectl
