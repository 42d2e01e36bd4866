#pragma once

#include "core/dns/look.hpp"

#include <vector>

namespace danectl {

class Resolver {
 public:
  virtual ~Resolver() = default;

  // One look at all these owners together: fresh contexts, nothing cached from before; each zone's servers are found
  // once, each (server, owner) is asked once, all in flight side by side. Ends within twice [dns] timeout whatever the
  // network does. One OwnerLook for each owner, in their order; what failed is in the looks. An Error only when no look
  // is possible at all: no trust anchor, the anchor does not validate the root, no resolver configured
  // (ErrorKind::not_yet when time may mend it, invalid for a wrong configuration).
  virtual Result<Look> look(const std::vector<DnsName>& owners) = 0;
};

}  // namespace danectl
