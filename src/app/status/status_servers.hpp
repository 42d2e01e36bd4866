// The name servers of a lineage's owners, one by one, as both formats of `status` show them.
#pragma once

#include "app/status/status_view.hpp"

#include <string>
#include <vector>

namespace danectl {

// What one address of a server is short of, of all that the lineage wants published.
struct ServerView {
  DnsName name;
  std::string address;
  enum class Verdict { has_all, lacks, unknown, left_out } verdict;
  std::string why;
  bool by_parent_alone = false;  // as in ServerAnswer
};
std::vector<ServerView> servers_of(const LineageView& view, const OwnerLook& look);

}  // namespace danectl
