// Everything that `check` looks at, put together: DNS, the live servers, the files of the lineages.
#pragma once

#include "app/check/check_view.hpp"
#include "app/store/workshop.hpp"

#include <vector>

namespace danectl {

// What is to be checked: lineages of this host, and servers of anybody.
struct Subjects {
  std::vector<LineageConfig> lineages;
  std::vector<ProbeUrl> servers;
  std::vector<DnsName> domains{};  // mail domains of anybody
};

// Draws its progress where `shop.output` is a terminal.
CheckReport watch(const Workshop& shop, const Subjects& subjects);

}  // namespace danectl
