#include "system/dns/reply.hpp"

#include <fmt/format.h>

namespace danectl {

bool is_answer(const Reply& reply) {
  return reply.kind == Reply::Kind::secure || reply.kind == Reply::Kind::insecure;
}

Dnssec dnssec_of(Reply::Kind kind) {
  switch (kind) {
    case Reply::Kind::secure:
      return Dnssec::secure;
    case Reply::Kind::insecure:
      return Dnssec::insecure;
    case Reply::Kind::bogus:
      return Dnssec::bogus;
    case Reply::Kind::failed:
    case Reply::Kind::silent:
    case Reply::Kind::not_asked:
      break;
  }
  return Dnssec::unknown;
}

std::string why_not_secure(const DnsName& name, const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::insecure:
      return fmt::format("{} is not in a signed zone", name.text());
    case Reply::Kind::failed:
      return reply.libunbound_error == 0 ? fmt::format("the resolver answers {} for {}", reply.why, name.text())
                                         : reply.why;
    case Reply::Kind::silent:
      return fmt::format("{} for {} from the resolver", reply.why, name.text());
    case Reply::Kind::secure:
    case Reply::Kind::bogus:
    case Reply::Kind::not_asked:
      break;
  }
  return reply.why;
}

Dnssec judged(const Reply& reply, const Reply& root) {
  const bool counts = reply.kind == Reply::Kind::secure || root.kind == Reply::Kind::secure;
  return counts ? dnssec_of(reply.kind) : Dnssec::unknown;
}

}  // namespace danectl
