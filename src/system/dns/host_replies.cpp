#include "system/dns/host_replies.hpp"

#include "system/dns/dns_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include <arpa/inet.h>

namespace danectl {
namespace {

int badness(Dnssec dnssec) {
  switch (dnssec) {
    case Dnssec::secure:
      return 0;
    case Dnssec::insecure:
      return 1;
    case Dnssec::unknown:
      return 2;
    case Dnssec::bogus:
      break;
  }
  return 3;
}

std::optional<bool> either(const std::optional<bool>& one, const std::optional<bool>& other) {
  if (one == true || other == true) return true;
  return one && other ? std::optional(false) : std::nullopt;
}

void add_addresses(std::vector<std::string>& addresses, const Reply& reply, int family) {
  const std::size_t length = family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr);
  const std::size_t before = addresses.size();
  for (const std::string& rdata : reply.rdata) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (rdata.size() != length || inet_ntop(family, rdata.data(), text.data(), text.size()) == nullptr) continue;
    addresses.emplace_back(text.data());
  }
  const auto first = addresses.begin() + static_cast<std::ptrdiff_t>(before);
  std::sort(first, addresses.end());
  addresses.erase(std::unique(first, addresses.end()), addresses.end());
}

}  // namespace

AddressAnswer address_answer(const DnsName& host, const Reply& reply) {
  AddressAnswer answer;
  answer.dnssec = dnssec_of(reply.kind);
  answer.aliases = read_aliases(reply.packet, host);
  if (is_answer(reply)) answer.any = !reply.rdata.empty();
  if (reply.kind == Reply::Kind::secure) return answer;
  answer.why = reply.kind == Reply::Kind::insecure && !answer.aliases.empty()
                   ? fmt::format("{} is an alias that leads to {}, and not all of that is in signed zones", host.text(),
                                 answer.aliases.back().text())
                   : why_not_secure(host, reply);
  return answer;
}

AddressAnswer judged(AddressAnswer answer, const Reply& root) {
  if (answer.dnssec == Dnssec::secure || root.kind == Reply::Kind::secure) return answer;
  answer.dnssec = Dnssec::unknown;
  answer.why = fmt::format("the root could not be looked up: {}", root.why);
  return answer;
}

HostInspection inspected_host(const DnsName& host, const AddressAnswer& v4, const AddressAnswer& v6) {
  const AddressAnswer& worse = badness(v6.dnssec) > badness(v4.dnssec) ? v6 : v4;
  HostInspection result;
  result.host = host;
  result.addresses = worse.dnssec;
  result.why = worse.why;
  result.aliases = v4.aliases.empty() ? v6.aliases : v4.aliases;
  result.has_address = either(v4.any, v6.any);
  return result;
}

HostInspection inspected_host(const DnsName& host, const AddressReplies& replies, const Reply& root) {
  return inspected_host(host, judged(address_answer(host, replies.v4), root),
                        judged(address_answer(host, replies.v6), root));
}

std::vector<std::string> addresses_in(const AddressReplies& replies) {
  std::vector<std::string> addresses;
  if (is_answer(replies.v4)) add_addresses(addresses, replies.v4, AF_INET);
  if (is_answer(replies.v6)) add_addresses(addresses, replies.v6, AF_INET6);
  return addresses;
}

}  // namespace danectl
