// How every look begins: the context that asks the validating resolver, and whether its trust anchor is good.
#pragma once

#include "core/config/config.hpp"
#include "system/dns/unbound_batch.hpp"

namespace danectl {

// The first context is opened here and now, since without it no look is possible at all. `config` has to outlive it.
Result<UnboundBatch::Opener> resolver_opener(const DnsConfig& config);

// A wrong anchor makes everything bogus, a missing one makes everything insecure without a word: neither may pass for
// the state of the zones asked for. A root that could not be reached is no Error, the looks tell. `root`: the reply to
// the question for the root's DNSKEY.
Status check_root(const Reply& root, const DnsConfig& config);

}  // namespace danectl
