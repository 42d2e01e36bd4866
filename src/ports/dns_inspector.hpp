#pragma once

#include "core/dns/inspection.hpp"

#include <vector>

namespace danectl {

class DnsInspector {
 public:
  virtual ~DnsInspector() = default;
  // What `check` wants to know of the owners of these looks beyond what the looks themselves say. Servers that a look
  // left out are left alone here, too. Ends within [dns] timeout; what could not be asked is `unknown` or has a reason.
  virtual Inspection inspect(const std::vector<OwnerLook>& looks) = 0;
};

}  // namespace danectl
