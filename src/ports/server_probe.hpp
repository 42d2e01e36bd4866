#pragma once

#include "core/check/probe_result.hpp"

#include <cstddef>
#include <functional>
#include <vector>

namespace danectl {

// Called after each address that is done: how many of how many.
using ProbeProgress = std::function<void(std::size_t done, std::size_t all)>;

enum class ProbeEffort {
  // RSA only and ECDSA only, with SNI and without; what a server denies is asked twice, as records are deleted on the
  // strength of it.
  thorough,
  // Two connections at most: RSA only and ECDSA only, with SNI. For servers of others.
  sparing,
};

class ServerProbe {
 public:
  virtual ~ServerProbe() = default;

  // Every address of every probe in parallel (bounded), with the effort that this one is made for. Each address ends
  // within [dns] probe_timeout whatever the server does; another name at the same address may come after the first, and
  // is not asked again what that has shown. One result for each url, in their order. No CA is trusted, no session
  // resumed and nothing of the chain judged: that is for those who ask. A strict mail server is respected: the greeting
  // is awaited, EHLO has the name of this host, and the end is QUIT (RFC 5321, 3207, 3501, 2595).
  virtual std::vector<ProbeResult> probe(const std::vector<ProbeUrl>& urls, const ProbeProgress& progress = {}) = 0;
};

}  // namespace danectl
