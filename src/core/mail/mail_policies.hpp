// What a mail domain says of TLS beside DANE: where failures are reported to (RFC 8460), and the policy for senders
// that do not check DANE (RFC 8461).
#pragma once

#include "core/base/result.hpp"
#include "core/dns/dns_name.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

// The texts of TXT records at a name, each with its strings put together. Nothing: they could not be looked up.
using Texts = std::optional<std::vector<std::string>>;

struct MailPolicies {
  Texts tls_reporting;                            // at _smtp._tls
  Texts mta_sts;                                  // at _mta-sts
  std::optional<Result<std::string>> sts_policy;  // what its web server gives; nothing: not asked
};

// Whether one of them is of this version: "v=TLSRPTv1" (RFC 8460 section 3), "v=STSv1" (RFC 8461 section 3.1).
bool announces(const Texts& texts, std::string_view version);

// A policy (RFC 8461 section 3.2). Of keys that may be there once the first counts.
struct StsPolicy {
  enum class Mode { enforce, testing, none } mode = Mode::none;
  std::vector<std::string> mx;  // patterns, lower case: "mx.example.org", "*.example.net"

  // An Error says what is wrong with it.
  static Result<StsPolicy> parse(std::string_view text);
  // RFC 8461 section 4.1: "*." stands for one label.
  [[nodiscard]] bool allows(const DnsName& host) const;
};

}  // namespace danectl
