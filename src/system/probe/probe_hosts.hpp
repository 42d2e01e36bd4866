// Where the servers of probes are: the first half of a probe.
#pragma once

#include "core/config/config.hpp"
#include "core/config/probe_url.hpp"
#include "ports/server_probe.hpp"

#include <vector>

namespace danectl {

// One result for each url, in their order. What is to be asked is `probed`, still without handshakes; all else has its
// reason. Hosts are looked up together by the resolver of [dns], within [dns] timeout; an address in the url needs no
// look-up.
std::vector<ProbeResult> find_probe_hosts(const DnsConfig& config, const std::vector<ProbeUrl>& urls);

}  // namespace danectl
