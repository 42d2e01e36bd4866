#include "app/check/domain_text.hpp"

#include "app/check/check_words.hpp"
#include "core/base/foreign_text.hpp"
#include "core/mail/profile_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

std::string no_mail_text(const DomainView& domain) {
  if (domain.domain.kind == MailDomain::Kind::null_mx) return "takes no mail (null MX, RFC 7505)";
  if (domain.domain.kind == MailDomain::Kind::none) return "there is no such domain";
  return "no host with an address takes its mail";
}

// "; senders that check DANE pass mx2.example.org by": what keeps the mail from no other host.
std::string passed_by(const DomainView& domain) {
  std::string names;
  for (const ExchangeView& view : domain.exchanges) {
    if (view.way != HostWay::held) continue;
    names += (names.empty() ? "" : ", ") + view.exchange.host.text();
  }
  return names.empty() ? names : fmt::format("; senders that check it pass {} by", names);
}

std::string without_text(const DomainView& domain) {
  if (domain.domain.dnssec == Dnssec::insecure) return "no DANE: its MX records are not signed";
  return "no DANE at any host";
}

const char* colour_of(DomainWay way) {
  switch (way) {
    case DomainWay::dane:
      return "32";
    case DomainWay::held:
      return "1;31";
    case DomainWay::partly:
    case DomainWay::without:
      return "33";
    case DomainWay::no_mail:
      return "0";
    case DomainWay::unknown:
      break;
  }
  return "35";
}

// "2 of 3 addresses verified"
std::string verified_text(const std::vector<EndpointView>& endpoints) {
  using Verdict = EndpointView::Verdict;
  const auto number = [&](Verdict verdict) {
    return static_cast<std::size_t>(std::count_if(endpoints.begin(), endpoints.end(),
                                                  [&](const EndpointView& one) { return one.verdict == verdict; }));
  };
  const std::size_t asked = endpoints.size() - number(Verdict::left_out);
  if (asked == 0) return "not asked";
  const std::size_t verified = number(Verdict::verified);
  return verified == asked ? counted(asked, "address") + " verified"
                           : fmt::format("{} of {} verified", verified, counted(asked, "address"));
}

std::string why_without(const ExchangeView& view) {
  if (view.host.seen.addresses != Dnssec::secure && !view.host.alias_is_secure) return "its addresses are not signed";
  const TlsaAnswer* const answer = used_answer(view.host);
  // Where absence is not proven there is none all the same, as below an NSEC3 opt-out.
  if (answer == nullptr || answer->records.empty()) return "there is no TLSA record";
  return "its TLSA records are not signed";
}

std::string why_no_answer(const ExchangeView& view) {
  const TlsaAnswer* const answer = used_answer(view.host);
  return answer == nullptr ? view.host.seen.why : answer->why;
}

std::string way_text(const ExchangeView& view) {
  const TlsaAnswer* const answer = used_answer(view.host);
  switch (view.way) {
    case HostWay::dane:
      return fmt::format("DANE by {}; {}", profile_text(answer->records), verified_text(view.endpoints));
    case HostWay::encrypted:
      return fmt::format("TLS without authentication: no record is usable ({})", profile_text(answer->records));
    case HostWay::without:
      return "no DANE: " + why_without(view);
    case HostWay::held:
      if (way_of(view.host) != HostWay::dane) return "gets no mail: " + why_no_answer(view);
      return fmt::format("gets no mail: {}; {}", profile_text(answer->records), verified_text(view.endpoints));
    case HostWay::nowhere:
      return "has no address";
    case HostWay::unknown:
      break;
  }
  return "not known: " + why_no_answer(view);
}

std::string host_name(const ExchangeView& view) {
  const std::vector<DnsName>& aliases = view.host.seen.aliases;
  return view.exchange.host.text() + (aliases.empty() ? "" : fmt::format(" (alias of {})", aliases.back().text()));
}

std::string preference(const DomainView& domain, const ExchangeView& view) {
  return domain.domain.kind == MailDomain::Kind::implicit ? "no MX" : fmt::format("MX {}", view.exchange.preference);
}

}  // namespace

std::string verdict_text(const DomainView& domain) {
  switch (domain.way) {
    case DomainWay::dane:
      return "DANE: no mail goes without it" + passed_by(domain);
    case DomainWay::partly:
      return "DANE at some hosts: if an attacker blocks these, senders deliver without it" + passed_by(domain);
    case DomainWay::without:
      return without_text(domain);
    case DomainWay::held:
      return "senders that check DANE hold the mail: no host is left";
    case DomainWay::no_mail:
      return no_mail_text(domain);
    case DomainWay::unknown:
      break;
  }
  return domain.domain.kind == MailDomain::Kind::unknown ? "not known: " + domain.domain.why
                                                         : "not known: no host could be looked up";
}

std::string domain_text(const DomainView& domain, const Output& output) {
  const std::string verdict = one_line(verdict_text(domain));
  std::string text =
      output.colour ? fmt::format("{}: \x1b[{}m{}\x1b[0m\n", domain.domain.name.text(), colour_of(domain.way), verdict)
                    : fmt::format("{}: {}\n", domain.domain.name.text(), verdict);
  std::size_t widest_preference = 0;
  std::size_t widest_name = 0;
  for (const ExchangeView& view : domain.exchanges) {
    widest_preference = std::max(widest_preference, preference(domain, view).size());
    widest_name = std::max(widest_name, host_name(view).size());
  }
  for (const ExchangeView& view : domain.exchanges) {
    text += fmt::format("  {:<{}}  {:<{}}  {}\n", preference(domain, view), widest_preference, host_name(view),
                        widest_name, one_line(way_text(view)));
  }
  for (const std::string& note : domain.notes) text += "  " + one_line(note) + '\n';
  return text;
}

}  // namespace danectl
