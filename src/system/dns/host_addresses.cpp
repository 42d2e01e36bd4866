#include "system/dns/host_addresses.hpp"

#include "system/dns/delegation_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <arpa/nameser.h>

namespace danectl {
namespace {

HostView view_of(const DnsName& host, const AddressReplies& replies) {
  HostView view;
  const Reply& v4 = replies.v4;
  const Reply& v6 = replies.v6;
  view.addresses = addresses_in(replies);
  view.ttl = std::max(read_longest_ttl(v4.packet), read_longest_ttl(v6.packet));
  const auto trouble = [&](const char* kind, const Reply& reply) {
    view.trouble.push_back(fmt::format("the {} of {} could not be looked up: {}", kind, host.text(), reply.why));
  };
  // An address that may be there and is not known is a server that was not asked.
  if (!is_answer(v4) && !is_answer(v6)) {
    trouble("address", v4);
  } else if (!is_answer(v4)) {
    trouble("IPv4 address", v4);
  } else if (!is_answer(v6)) {
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
  batch_.ask(resolver_, host, ns_t_a, [this, host](const Reply& reply) { take(host, &AddressReplies::v4, reply); });
  batch_.ask(resolver_, host, ns_t_aaaa, [this, host](const Reply& reply) { take(host, &AddressReplies::v6, reply); });
}

void HostAddresses::take(const DnsName& name, Reply AddressReplies::*family, const Reply& reply) {
  Host& host = hosts_.at(name);
  host.replies.*family = reply;
  if (--host.open > 0) return;
  host.view = view_of(name, host.replies);
  for (const Known& known : std::exchange(host.waiting, {})) known();
}

}  // namespace danectl
