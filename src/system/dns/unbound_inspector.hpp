#pragma once

#include "core/config/config.hpp"
#include "ports/dns_inspector.hpp"

#include <utility>

namespace danectl {

// Hosts and their MX by libunbound through the resolver; serials and denied names by plain questions to the servers
// that a look has asked. Both at the same time, on two threads, which are gone when it returns.
class UnboundInspector : public DnsInspector {
 public:
  explicit UnboundInspector(DnsConfig config) : config_(std::move(config)) {}
  Inspection inspect(const std::vector<OwnerLook>& looks) override;
  std::map<std::string, std::string> without_tcp(const std::vector<std::string>& addresses) override;

 private:
  DnsConfig config_;
};

}  // namespace danectl
