#include "system/dns/host_addresses.hpp"

#include "system/dns/delegation_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include <arpa/inet.h>
#include <arpa/nameser.h>

namespace danectl {
namespace {

bool answers(const Reply& reply) {
  return reply.kind == Reply::Kind::secure || reply.kind == Reply::Kind::insecure;
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

HostView view_of(const DnsName& host, const Reply& v4, const Reply& v6) {
  HostView view;
  if (answers(v4)) add_addresses(view.addresses, v4, AF_INET);
  if (answers(v6)) add_addresses(view.addresses, v6, AF_INET6);
  view.ttl = std::max(read_longest_ttl(v4.packet), read_longest_ttl(v6.packet));
  const auto trouble = [&](const char* kind, const Reply& reply) {
    view.trouble.push_back(fmt::format("the {} of {} could not be looked up: {}", kind, host.text(), reply.why));
  };
  // An address that may be there and is not known is a server that was not asked.
  if (!answers(v4) && !answers(v6)) {
    trouble("address", v4);
  } else if (!answers(v4)) {
    trouble("IPv4 address", v4);
  } else if (!answers(v6)) {
    trouble("IPv6 address", v6);
  } else if (view.addresses.empty()) {
    view.nowhere = true;
  }
  return view;
}

}  // namespace

void HostAddresses::want(const DnsName& host) {
  want(host, [] {});
}

void HostAddresses::want(const DnsName& host, Known known) {
  const auto [at, added] = hosts_.try_emplace(host);
  if (!added && at->second.open == 0) {
    known();
    return;
  }
  at->second.waiting.push_back(std::move(known));
  if (!added) return;
  batch_.ask(resolver_, host, ns_t_a, [this, host](const Reply& reply) { take(host, &Host::v4, reply); });
  batch_.ask(resolver_, host, ns_t_aaaa, [this, host](const Reply& reply) { take(host, &Host::v6, reply); });
}

void HostAddresses::take(const DnsName& name, Reply Host::*family, const Reply& reply) {
  Host& host = hosts_.at(name);
  host.*family = reply;
  if (--host.open > 0) return;
  host.view = view_of(name, host.v4, host.v6);
  for (const Known& known : std::exchange(host.waiting, {})) known();
}

}  // namespace danectl
