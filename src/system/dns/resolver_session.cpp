#include "system/dns/resolver_session.hpp"

#include "system/dns/unbound_context.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>

namespace danectl {

Result<UnboundBatch::Opener> resolver_opener(const DnsConfig& config) {
  auto first = UnboundContext::open(config, {});
  if (!first) return first.error();
  auto ready = std::make_shared<std::optional<UnboundContext>>(std::move(*first));
  return UnboundBatch::Opener([ready, &config]() -> Result<UnboundContext> {
    if (!*ready) return UnboundContext::open(config, {});
    Result<UnboundContext> context(std::move(**ready));
    ready->reset();
    return context;
  });
}

Status check_root(const Reply& root, const DnsConfig& config) {
  if (root.libunbound_error != 0) {
    Error error = not_yet(fmt::format("libunbound cannot start: {}", ub_strerror(root.libunbound_error)));
    if (root.libunbound_error == UB_INITFAIL) {
      error.kind = ErrorKind::invalid;
      error.hint = fmt::format("does {} hold the root's DNSKEY or DS records, one a line?", trust_anchor_name(config));
    }
    return error;
  }
  const bool missing = root.kind == Reply::Kind::insecure;
  if (!missing && root.kind != Reply::Kind::bogus) return {};
  return not_yet(fmt::format("the trust anchor {} does not validate the root as seen through the resolver: {}",
                             trust_anchor_name(config), missing ? "it holds no key of the root" : root.why),
                 "is the file up to date, and does the resolver pass DNSSEC records on? in [dns], trust_anchor names "
                 "another file, and with resolver = \"recursive\" no resolver is needed");
}

}  // namespace danectl
