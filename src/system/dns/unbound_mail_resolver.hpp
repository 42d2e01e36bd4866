#pragma once

#include "core/config/config.hpp"
#include "ports/mail_resolver.hpp"

namespace danectl {

// By libunbound, one context for all.
class UnboundMailResolver : public MailResolver {
 public:
  explicit UnboundMailResolver(DnsConfig config) : config_(std::move(config)) {}
  Result<MailLook> look(const std::vector<DnsName>& domains) override;

 private:
  DnsConfig config_;
};

}  // namespace danectl
