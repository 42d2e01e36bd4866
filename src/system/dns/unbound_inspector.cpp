#include "system/dns/unbound_inspector.hpp"

#include "system/dns/dns_message.hpp"
#include "system/dns/host_replies.hpp"
#include "system/dns/plain_question.hpp"
#include "system/dns/tcp_reach.hpp"
#include "system/dns/unbound_batch.hpp"
#include "system/dns/unbound_context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include <arpa/nameser.h>

namespace danectl {
namespace {

using std::chrono::steady_clock;

// RFC 6698 section 3: port and protocol stand in front of it.
DnsName host_of(const DnsName& owner) {
  return owner.parent().parent();
}

// Where mail to a domain may go by the host: the domains whose MX are looked at. No top-level domain.
std::vector<DnsName> mail_domains(const DnsName& host) {
  std::vector<DnsName> domains{host};
  for (DnsName above = host.parent(); !above.parent().is_root(); above = above.parent()) domains.push_back(above);
  return domains;
}

// What the validating resolver says of hosts.
class HostQuestions {
 public:
  explicit HostQuestions(const DnsConfig& config)
      : batch_(config.timeout), resolver_(batch_.add_session([&config] { return UnboundContext::open(config, {}); })) {}
  HostQuestions(const HostQuestions&) = delete;
  HostQuestions& operator=(const HostQuestions&) = delete;

  void want(const OwnerLook& look) {
    const DnsName host = host_of(look.owner);
    if (host.is_root() || !hosts_.try_emplace(host, Answers{look.host_v4, {}}).second) return;
    // The look has asked it already.
    if (look.host_v4.dnssec == Dnssec::unknown) want_address(host, ns_t_a, &Answers::v4);
    want_address(host, ns_t_aaaa, &Answers::v6);
    for (const DnsName& domain : mail_domains(host)) {
      if (!mx_.try_emplace(domain).second) continue;
      batch_.ask(resolver_, domain, ns_t_mx, [this, domain](const Reply& reply) { mx_.at(domain) = reply; });
    }
  }

  void ask(steady_clock::time_point end) {
    if (hosts_.empty()) return;
    batch_.ask(resolver_, DnsName{}, ns_t_dnskey, [this](const Reply& reply) { root_ = reply; });
    batch_.run(end);
  }

  void tell(Inspection& inspection) const {
    for (const auto& [host, answers] : hosts_) {
      inspection.hosts.push_back(inspected_host(host, judged(answers.v4, root_), judged(answers.v6, root_)));
      inspection.hosts.back().exchanges = exchanges_of(mx_.at(host));
      for (const DnsName& domain : mail_domains(host)) {
        const Reply& reply = mx_.at(domain);
        if (names(reply, host)) inspection.mx.push_back({domain, host, judged(reply, root_)});
      }
    }
  }

 private:
  struct Answers {
    AddressAnswer v4;
    AddressAnswer v6;
  };

  void want_address(const DnsName& host, int type, AddressAnswer Answers::*family) {
    batch_.ask(resolver_, host, type,
               [this, host, family](const Reply& reply) { hosts_.at(host).*family = address_answer(host, reply); });
  }

  static std::vector<DnsName> exchanges_of(const Reply& mx) {
    std::vector<std::pair<std::uint16_t, DnsName>> by_preference;
    for (const std::string& rdata : mx.rdata) {
      if (const auto record = read_mx(rdata); record && record->exchange) {
        by_preference.emplace_back(record->preference, *record->exchange);
      }
    }
    std::sort(by_preference.begin(), by_preference.end());
    std::vector<DnsName> names;
    names.reserve(by_preference.size());
    for (auto& [preference, name] : by_preference) names.push_back(std::move(name));
    return names;
  }

  static bool names(const Reply& mx, const DnsName& host) {
    const std::vector<DnsName> exchanges = exchanges_of(mx);
    return std::find(exchanges.begin(), exchanges.end(), host) != exchanges.end();
  }

  Reply root_;
  std::map<DnsName, Answers> hosts_;
  std::map<DnsName, Reply> mx_;
  UnboundBatch batch_;
  UnboundBatch::Session resolver_;
};

// What each server says in plain.
class ServerQuestions {
 public:
  void want(const OwnerLook& look) {
    const bool has_records =
        !look.resolver_records.empty() || std::any_of(look.answers.begin(), look.answers.end(),
                                                      [](const auto& answer) { return !answer.records.empty(); });
    for (const ServerAnswer& answer : look.answers) {
      if (answer.kind == ServerAnswer::Kind::left_out || answer.address.empty()) continue;
      serials_.try_emplace({answer.zone, answer.server, answer.address}, index_of(answer, answer.zone, ns_t_soa));
      sizes_.try_emplace({look.owner, answer.qname, answer.server, answer.address},
                         index_of(answer, answer.qname, ns_t_tlsa));
      if (!has_records) continue;
      for (const DnsName& name : names_above(look, answer)) {
        denials_.try_emplace({look.owner, name, answer.server, answer.address}, index_of(answer, name, ns_t_a));
      }
    }
  }

  // Twice, as a datagram may get lost.
  void ask(steady_clock::time_point end) {
    const auto left = [&] { return std::chrono::floor<Milliseconds>(end - steady_clock::now()); };
    ask_plainly(questions_, left() / 2);
    ask_plainly(questions_, left());
  }

  void tell(Inspection& inspection) const {
    for (const auto& [key, index] : serials_) {
      const auto& [zone, server, address] = key;
      const PlainQuestion& question = questions_[index];
      const auto serial = question.answer ? serial_of(*question.answer) : std::nullopt;
      inspection.serials.push_back({zone, server, address, serial, serial ? std::string{} : why_no_serial(question)});
    }
    for (const auto& [key, index] : denials_) {
      const auto& [owner, name, server, address] = key;
      const auto& answer = questions_[index].answer;
      if (answer && denies(*answer)) inspection.denied.push_back({owner, name, server, address});
    }
    for (const auto& [key, index] : sizes_) {
      const auto& [owner, name, server, address] = key;
      const auto& answer = questions_[index].answer;
      if (answer && answer->truncated) inspection.truncated.push_back({owner, name, server, address});
    }
  }

 private:
  // Of the owner the name directly above, of an alias's target all below the apex, as its zone may be a shared one.
  static std::vector<DnsName> names_above(const OwnerLook& look, const ServerAnswer& answer) {
    std::vector<DnsName> names;
    for (DnsName name = answer.qname.parent(); name != answer.zone && name.is_below_or_equal(answer.zone);
         name = name.parent()) {
      names.push_back(name);
      if (answer.qname == look.owner) break;
    }
    return names;
  }

  // Owners have servers and names above them in common.
  std::size_t index_of(const ServerAnswer& asked, const DnsName& name, int type) {
    const auto [at, added] = indices_.try_emplace({asked.address, name, type}, questions_.size());
    if (added) questions_.push_back({asked.address, name, type});
    return at->second;
  }

  static std::optional<std::uint32_t> serial_of(const PlainAnswer& answer) {
    return answer.authoritative ? answer.serial : std::nullopt;
  }

  static std::string why_no_serial(const PlainQuestion& question) {
    if (!question.answer) return question.why.empty() ? "it could not be asked" : question.why;
    const std::string refusal = refusal_text(*question.answer);
    return refusal.empty() ? "it answers without a SOA record" : refusal;
  }

  // With an alias in the answer it is the alias's target that is not there (RFC 6604 section 3).
  static bool denies(const PlainAnswer& answer) {
    return answer.rcode == ns_r_nxdomain && answer.authoritative && answer.records == 0;
  }

  using AboutOwner = std::tuple<DnsName, DnsName, DnsName, std::string>;  // owner, name asked for, server, address

  std::vector<PlainQuestion> questions_;
  std::map<std::tuple<std::string, DnsName, int>, std::size_t> indices_;
  std::map<std::tuple<DnsName, DnsName, std::string>, std::size_t> serials_;  // zone, server, address
  std::map<AboutOwner, std::size_t> sizes_;
  std::map<AboutOwner, std::size_t> denials_;
};

}  // namespace

Inspection UnboundInspector::inspect(const std::vector<OwnerLook>& looks) {
  const auto end = steady_clock::now() + config_.timeout;
  HostQuestions hosts(config_);
  ServerQuestions servers;
  for (const OwnerLook& look : looks) {
    hosts.want(look);
    servers.want(look);
  }
  // Where no thread can be had it is done in wait().
  const auto plain = std::async([&] { servers.ask(end); });
  hosts.ask(end);
  plain.wait();
  Inspection inspection;
  hosts.tell(inspection);
  servers.tell(inspection);
  return inspection;
}

std::map<std::string, std::string> UnboundInspector::without_tcp(const std::vector<std::string>& addresses) {
  return not_reached_by_tcp(addresses, config_.timeout);
}

}  // namespace danectl
