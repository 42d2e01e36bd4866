// What `check` finds in how old a served chain is: its end, and that another one of the same key is deployed. Pure. The
// findings have neither owner nor endpoint: whoever asks knows them.
#pragma once

#include "core/check/check_live.hpp"

#include <string>
#include <vector>

namespace danectl {

struct AgeCheck {
  const Chain& chain;
  const LiveCheck& live;
  const ProbedAddress& address;           // that presents it
  const std::vector<RRset>& rrsets;       // that senders may see, each with something usable
  const std::vector<std::string>& names;  // the reference identifiers
  Severity worst = Severity::critical;    // where senders will not pass it any more
};

std::vector<Finding> check_served_age(const AgeCheck& check);

}  // namespace danectl
