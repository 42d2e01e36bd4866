#include "core/check/finding.hpp"

#include <algorithm>
#include <tuple>

namespace danectl {
namespace {

constexpr std::array<std::string_view, finding_id_count> names{
    "resolver-unusable",
    "resolver-differs",
    "not-signed",
    "bogus",
    "clock-off",
    "lookup-failed",
    "lookup-timeout",
    "no-records",
    "no-usable-records",
    "nxdomain-above",
    "server-without-tlsa",
    "server-silent",
    "server-invalid",
    "servers-disagree",
    "serials-differ",
    "delegation-differs",
    "ttls-differ",
    "host-not-secure",
    "mx-not-secure",
    "no-such-domain",
    "unusable-exchange",
    "mta-sts-differs",
    "host-is-alias",
    "long-alias-chain",
    "signature-ends",
    "answer-too-large",
    "answer-without-tcp",
    "ttl-short",
    "ttl-long",
    "current-not-published",
    "next-not-published",
    "next-not-ready",
    "no-next-record",
    "group-mismatch",
    "pkix-usage",
    "cert-selector",
    "full-data",
    "duplicate-record",
    "wrong-length",
    "empty-digest",
    "too-many-records",
    "foreign-record",
    "retiring-overdue",
    "owners-disagree",
    "shared-key",
    "owner-not-probed",
    "host-without-address",
    "endpoint-not-asked",
    "connect-failed",
    "greeting-failed",
    "refused-for-now",
    "starttls-missing",
    "handshake-failed",
    "old-protocol",
    "tlsa-mismatch",
    "tlsa-mismatch-without-sni",
    "ta-not-sent",
    "name-mismatch",
    "other-key-served",
    "served-certificate-ends",
    "served-certificate-ended",
    "older-certificate-served",
    "other-folder-loaded",
    "served-chain-incomplete",
    "not-deployed",
    "deployed-files-damaged",
    "certbot-lineage-damaged",
    "certbot-not-found",
    "certificate-ends",
    "renewal-overdue",
    "reuse-key-lost",
    "certbot-settings",
    "deploy-hook-missing",
    "hook-failed",
    "publishing-impossible",
    "publish-failed",
    "reload-program-missing",
    "reload-pending",
    "candidate-waiting",
    "new-issuer-not-published",
    "issuers-unread",
    "state-old",
    "others-may-write",
    "secret-readable",
    "not-readable",
};
static_assert(!names.back().empty());

auto place(const Finding& finding) {
  return std::tie(finding.domain, finding.lineage, finding.owner, finding.endpoint, finding.address, finding.id,
                  finding.message);
}

}  // namespace

std::string_view to_text(Severity severity) {
  switch (severity) {
    case Severity::ok:
      return "OK";
    case Severity::unknown:
      return "UNKNOWN";
    case Severity::warning:
      return "WARNING";
    case Severity::critical:
      break;
  }
  return "CRITICAL";
}

std::string_view to_text(FindingId id) {
  return names[static_cast<std::size_t>(id)];
}

Severity worst(const std::vector<Finding>& findings) {
  Severity severity = Severity::ok;
  for (const Finding& finding : findings) severity = std::max(severity, finding.severity);
  return severity;
}

std::vector<Finding> in_order(std::vector<Finding> findings) {
  std::sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return a.severity != b.severity ? a.severity > b.severity : place(a) < place(b);
  });
  const auto same = [](const Finding& a, const Finding& b) { return a.severity == b.severity && place(a) == place(b); };
  findings.erase(std::unique(findings.begin(), findings.end(), same), findings.end());
  return findings;
}

}  // namespace danectl
