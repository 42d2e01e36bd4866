// The lineages that share owners: an RRset belongs to all of them.
#pragma once

#include "app/frame/workshop.hpp"
#include "core/rollover/wanted.hpp"

#include <deque>

namespace danectl {

// Looks at the owners of all lineages that were not looked at in this call, once: what a ledger does not know of yet
// may lead to the same name. For the first record there (promise 3) no less will do.
Status look_at_the_rest(const Workshop& shop);

// What is known of where all owners lead: as seen in this call, else as the states of their lineages remember it.
void learn_aliases(const Workshop& shop);

// Lineages with their states, which stay in place while LineageWants refer to them.
class Sharing {
 public:
  // Every enrolled lineage that has one of these owners, or one that leads by CNAME to the same name: of those the
  // wants are as if they had the owner itself. `known`: a state that is newer than its file.
  static Result<Sharing> on(const Workshop& shop, const std::vector<DnsName>& owners, const State* known = nullptr);

  // A copy would refer to the states of the original.
  Sharing(const Sharing&) = delete;
  Sharing& operator=(const Sharing&) = delete;
  Sharing(Sharing&&) = default;
  Sharing& operator=(Sharing&&) = default;
  ~Sharing() = default;

  [[nodiscard]] const std::vector<LineageWants>& wants() const { return wants_; }
  [[nodiscard]] std::vector<ProbeUrl> probes() const;  // of all of them, each once

 private:
  Sharing() = default;
  Status add(const Workshop& shop, const LineageConfig& lineage, const State* known);
  Status add_deployed(const Workshop& shop);  // to the last of the wants
  Status add_aliased(const Workshop& shop, const LineageConfig& lineage, const std::vector<DnsName>& owners);

  std::deque<LineageConfig> aliased_;
  std::deque<State> states_;
  std::deque<Chain> deployed_;
  std::vector<LineageWants> wants_;
};

}  // namespace danectl
