// Which owners lead to which name: lineages with different owners may share one RRset by CNAME (danectl.toml(5), tlsa).
#pragma once

#include "core/dns/look.hpp"
#include "core/rollover/state.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace danectl {

class Aliases {
 public:
  // As seen now; it overrules what a state remembers.
  void note(const std::vector<OwnerLook>& looks);
  // As of the last look that is in the ledgers, for owners that were not looked at now.
  void note(const State& state);

  // Where the CNAMEs of the owner end; the owner itself when it is not known to be an alias.
  [[nodiscard]] const DnsName& canonical(const DnsName& owner) const;
  [[nodiscard]] bool any() const { return !canonical_.empty(); }
  [[nodiscard]] bool looked_at(const DnsName& owner) const { return looked_at_.contains(owner); }
  // Whether the states of all that were not looked at have been noted.
  [[nodiscard]] bool complete() const { return complete_; }
  void set_complete() { complete_ = true; }
  // True the first time, for what is done once a call.
  bool begin_to_look_at_the_rest() { return !std::exchange(rest_looked_at_, true); }
  // An owner of which not even that tells where it leads, and why; empty: there is none.
  [[nodiscard]] const std::string& unknown() const { return unknown_; }
  void set_unknown(std::string owner) { unknown_ = std::move(owner); }

 private:
  std::map<DnsName, DnsName> canonical_;  // of aliases alone
  std::set<DnsName> looked_at_;
  bool complete_ = false;
  bool rest_looked_at_ = false;
  std::string unknown_;
};

}  // namespace danectl
