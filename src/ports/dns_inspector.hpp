#pragma once

#include "core/dns/inspection.hpp"

#include <map>
#include <string>
#include <vector>

namespace danectl {

class DnsInspector {
 public:
  virtual ~DnsInspector() = default;
  // What `check` wants to know of the owners of these looks beyond what the looks themselves say. Servers that a look
  // left out are left alone here, too. Ends within [dns] timeout; what could not be asked is `unknown` or has a reason.
  virtual Inspection inspect(const std::vector<OwnerLook>& looks) = 0;
  // Those of these addresses that take no connection at port 53 by TCP, which every name server has to (RFC 7766), and
  // why. Ends within [dns] timeout.
  virtual std::map<std::string, std::string> without_tcp(const std::vector<std::string>& addresses) = 0;
};

}  // namespace danectl
