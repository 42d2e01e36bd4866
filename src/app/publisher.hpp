// Changing DNS by the configured method (danectl.toml(5), [publish]).
#pragma once

#include "app/workshop.hpp"
#include "core/publication.hpp"

#include <memory>

namespace danectl {

struct RRsetRemoval {
  DnsName owner;  // the canonical name
  std::optional<DnsName> zone;
  Seconds ttl{};
  std::vector<Association> remove;
  RRset seen;  // the whole RRset, as every server gives it
};

enum class Removed {
  done,
  changed_meanwhile,  // the RRset is not as it was seen, another host may have changed it: look again
};

// Errors: not_yet for what time may mend (no answer), failed for the rest, each with what to do.
class Publisher {
 public:
  virtual ~Publisher() = default;
  // Adds, and touches nothing that is there.
  virtual Status add(const std::vector<RRsetChange>& changes) = 0;
  // Deletes these records and no others.
  virtual Result<Removed> remove(const RRsetRemoval& removal) = 0;
};

// Nothing for the method `print`: a person publishes.
std::unique_ptr<Publisher> make_publisher(const Workshop& shop);

std::unique_ptr<Publisher> nsupdate_publisher(const Workshop& shop);
std::unique_ptr<Publisher> include_publisher(const Workshop& shop);
std::unique_ptr<Publisher> hook_publisher(const Workshop& shop);

}  // namespace danectl
