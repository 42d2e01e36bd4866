// Which addresses of name servers this host asks at all; the same for a whole look.
#pragma once

#include "core/dns/ignore.hpp"

#include <map>
#include <string>
#include <vector>

namespace danectl {

class Reach {
 public:
  explicit Reach(const std::vector<IgnoreRule>& ignore) : ignore_(ignore) {}

  // By [dns] ignore. `address` may be empty: whether the name alone is.
  [[nodiscard]] bool is_ignored(const DnsName& server, const std::string& address) const {
    return ignores(ignore_, server, address);
  }
  bool is_routable(const std::string& address);
  bool is_asked(const DnsName& server, const std::string& address) {
    return !is_ignored(server, address) && is_routable(address);
  }

 private:
  const std::vector<IgnoreRule>& ignore_;
  std::map<std::string, bool> routes_;
};

}  // namespace danectl
