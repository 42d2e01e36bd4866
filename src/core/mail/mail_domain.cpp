#include "core/mail/mail_domain.hpp"

#include "core/keys/usable.hpp"

#include <algorithm>

namespace danectl {
namespace {

HostWay way_by(const TlsaAnswer& answer) {
  switch (answer.dnssec) {
    case Dnssec::bogus:
      return HostWay::held;
    case Dnssec::unknown:
      return HostWay::unknown;
    case Dnssec::insecure:
      return HostWay::without;
    case Dnssec::secure:
      break;
  }
  if (answer.records.empty()) return HostWay::without;
  return std::any_of(answer.records.begin(), answer.records.end(), usable) ? HostWay::dane : HostWay::encrypted;
}

bool takes_mail(HostWay way) {
  return way == HostWay::dane || way == HostWay::encrypted || way == HostWay::without;
}

}  // namespace

HostWay way_of(const MailHost& host) {
  if (host.seen.addresses == Dnssec::bogus) return HostWay::held;
  if (host.seen.addresses == Dnssec::unknown) return HostWay::unknown;
  if (host.seen.has_address == false) return HostWay::nowhere;
  const TlsaAnswer* const answer = used_answer(host);
  return answer == nullptr ? HostWay::without : way_by(*answer);
}

const TlsaAnswer* used_answer(const MailHost& host) {
  return host.tlsa.empty() ? nullptr : &host.tlsa.back();
}

std::string_view to_text(HostWay way) {
  switch (way) {
    case HostWay::dane:
      return "dane";
    case HostWay::encrypted:
      return "encrypted";
    case HostWay::without:
      return "without";
    case HostWay::held:
      return "held";
    case HostWay::unknown:
      return "unknown";
    case HostWay::nowhere:
      break;
  }
  return "nowhere";
}

void keep_first_exchanges(MailDomain& domain, std::size_t most) {
  if (domain.exchanges.size() <= most) return;
  domain.exchanges_left_out += domain.exchanges.size() - most;
  domain.exchanges.resize(most);
}

std::string_view to_text(MailDomain::Kind kind) {
  switch (kind) {
    case MailDomain::Kind::exchanges:
      return "exchanges";
    case MailDomain::Kind::implicit:
      return "implicit";
    case MailDomain::Kind::null_mx:
      return "null-mx";
    case MailDomain::Kind::none:
      return "none";
    case MailDomain::Kind::unknown:
      break;
  }
  return "unknown";
}

std::string_view to_text(DomainWay way) {
  switch (way) {
    case DomainWay::dane:
      return "dane";
    case DomainWay::partly:
      return "partly";
    case DomainWay::without:
      return "without";
    case DomainWay::held:
      return "held";
    case DomainWay::no_mail:
      return "no-mail";
    case DomainWay::unknown:
      break;
  }
  return "unknown";
}

DomainWay way_of(const MailDomain& domain, const std::vector<HostWay>& hosts) {
  const auto any = [&](HostWay way) { return std::find(hosts.begin(), hosts.end(), way) != hosts.end(); };
  switch (domain.kind) {
    case MailDomain::Kind::null_mx:
    case MailDomain::Kind::none:
      return DomainWay::no_mail;
    case MailDomain::Kind::unknown:
      return domain.dnssec == Dnssec::bogus ? DomainWay::held : DomainWay::unknown;
    case MailDomain::Kind::exchanges:
    case MailDomain::Kind::implicit:
      break;
  }
  if (std::none_of(hosts.begin(), hosts.end(), takes_mail)) {
    if (any(HostWay::unknown) || domain.exchanges_left_out != 0) return DomainWay::unknown;
    return any(HostWay::held) ? DomainWay::held : DomainWay::no_mail;
  }
  if (domain.dnssec != Dnssec::secure || !any(HostWay::dane)) return DomainWay::without;
  return any(HostWay::encrypted) || any(HostWay::without) ? DomainWay::partly : DomainWay::dane;
}

}  // namespace danectl
