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

std::optional<bool> has_address(const AddressReplies& replies) {
  if (!replies.v4.rdata.empty() || !replies.v6.rdata.empty()) return true;
  if (is_answer(replies.v4) && is_answer(replies.v6)) return false;
  return std::nullopt;
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

HostInspection inspected_host(const DnsName& host, const AddressReplies& replies, const Reply& root) {
  HostInspection result;
  result.host = host;
  const bool by_v6 = badness(judged(replies.v6, root)) > badness(judged(replies.v4, root));
  const Reply& worse = by_v6 ? replies.v6 : replies.v4;
  result.addresses = judged(worse, root);
  result.has_address = has_address(replies);
  result.aliases = read_aliases(replies.v4.packet, host);
  if (result.aliases.empty()) result.aliases = read_aliases(replies.v6.packet, host);
  if (worse.kind == Reply::Kind::secure) return result;
  if (root.kind != Reply::Kind::secure) {
    result.why = fmt::format("the root could not be looked up: {}", root.why);
  } else if (worse.kind == Reply::Kind::insecure && !result.aliases.empty()) {
    result.why = fmt::format("{} is an alias that leads to {}, and not all of that is in signed zones", host.text(),
                             result.aliases.back().text());
  } else {
    result.why = why_not_secure(host, worse);
  }
  return result;
}

std::vector<std::string> addresses_in(const AddressReplies& replies) {
  std::vector<std::string> addresses;
  if (is_answer(replies.v4)) add_addresses(addresses, replies.v4, AF_INET);
  if (is_answer(replies.v6)) add_addresses(addresses, replies.v6, AF_INET6);
  return addresses;
}

}  // namespace danectl
