// The addresses of hosts, as the validating resolver gives them, each host looked up once. They need not be signed:
// name servers reached there have to give validated answers, and mail servers to prove their keys.
#pragma once

#include "core/dns/dns_name.hpp"
#include "system/dns/host_replies.hpp"
#include "system/dns/unbound_batch.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace danectl {

struct HostView {
  std::vector<std::string> addresses;  // IPv4 first
  Seconds ttl{};                       // the longest that a cache keeps one of them
  std::vector<std::string> trouble;    // why there may be more of them; one phrase each
  bool nowhere = false;                // both kinds were looked up, and there is none
};

class HostAddresses {
 public:
  using Known = std::function<void()>;

  HostAddresses(UnboundBatch& batch, UnboundBatch::Session resolver) : batch_(batch), resolver_(resolver) {}
  HostAddresses(const HostAddresses&) = delete;
  HostAddresses& operator=(const HostAddresses&) = delete;

  void want(const DnsName& host);
  // `known` is called once all is known about the host; at once when it is already.
  void want(const DnsName& host, Known known);
  // REQUIRES that the host was wanted and the batch has run.
  [[nodiscard]] const HostView& of(const DnsName& host) const { return hosts_.at(host).view; }
  [[nodiscard]] bool wanted(const DnsName& host) const { return hosts_.contains(host); }

 private:
  struct Host {
    AddressReplies replies;
    int open = 2;
    std::vector<Known> waiting;
    HostView view;
  };
  void take(const DnsName& name, Reply AddressReplies::*family, const Reply& reply);

  UnboundBatch& batch_;
  UnboundBatch::Session resolver_;
  std::map<DnsName, Host> hosts_;
};

}  // namespace danectl
