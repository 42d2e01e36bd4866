// Changing DNS by the method configured for each name (danectl.toml(5), [publish] and [[publish.zone]]).
#pragma once

#include "app/frame/workshop.hpp"
#include "core/rollover/publication.hpp"

#include <memory>

namespace danectl {

struct RRsetRemoval {
  DnsName owner;  // the canonical name
  std::optional<DnsName> zone;
  Seconds ttl{};
  std::vector<Association> remove;
  RRset seen;  // the whole RRset, as every server gives it
};

// What became of a deletion.
struct Removal {
  enum class Outcome {
    done,
    changed_meanwhile,  // the RRset is not as it was seen: another host may have changed it, or an answer was lost
    refused,            // nothing is deleted, and nothing will be: `why`
    unclear,            // it may have been done, or be done later: `why`
  };
  Outcome outcome = Outcome::done;
  Error why{};
};

// Errors: not_yet for what time may mend (no answer), failed for the rest, each with what to do.
class Publisher {
 public:
  virtual ~Publisher() = default;
  // Adds, and touches nothing that is there.
  virtual Status add(const std::vector<RRsetChange>& changes) = 0;
  // Deletes these records and no others.
  virtual Removal remove(const RRsetRemoval& removal) = 0;
};

// Each name by its own section; what is there for a person (method `print`) is passed over.
std::unique_ptr<Publisher> make_publisher(const Workshop& shop);

// How records get to where the aliases of an owner end, as far as that is known.
const PublishConfig& publish_for(const Workshop& shop, const DnsName& owner);

// What of a lineage a person publishes and deletes.
enum class ByHand { nothing, some, everything };
ByHand by_hand(const Workshop& shop, const LineageConfig& lineage);
bool is_by_hand(const Workshop& shop, const DnsName& owner);

}  // namespace danectl
