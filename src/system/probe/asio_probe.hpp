#pragma once

#include "core/config/config.hpp"
#include "core/config/probe_url.hpp"
#include "ports/server_probe.hpp"

#include <utility>

namespace danectl {

// By Boost.Asio and OpenSSL, in the caller's thread, which has to ignore or handle SIGPIPE. The handshakes of one
// address come one after the other, as mail servers limit the connections of a client; after one that did not come as
// far as TLS the others are not tried, and have its reason. Where several names have one address, what does not depend
// on the name is asked once, and the first name before the others: each of the two within the time limit. All
// connections are gone when a probe returns.
class AsioProbe : public ServerProbe {
 public:
  explicit AsioProbe(DnsConfig config, ProbeEffort effort = ProbeEffort::thorough)
      : config_(std::move(config)), effort_(effort) {}
  std::vector<ProbeResult> probe(const std::vector<ProbeUrl>& urls, const ProbeProgress& progress = {}) override;

 private:
  DnsConfig config_;
  ProbeEffort effort_;
};

}  // namespace danectl
