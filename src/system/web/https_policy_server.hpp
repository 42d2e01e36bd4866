#pragma once

#include "core/config/config.hpp"
#include "ports/policy_server.hpp"

#include <utility>

namespace danectl {

// By Boost.Beast and OpenSSL, in the caller's thread, which has to ignore or handle SIGPIPE.
class HttpsPolicyServer : public PolicyServer {
 public:
  explicit HttpsPolicyServer(DnsConfig config) : config_(std::move(config)) {}
  Result<std::string> policy_of(const DnsName& domain) override;

 private:
  DnsConfig config_;
};

}  // namespace danectl
