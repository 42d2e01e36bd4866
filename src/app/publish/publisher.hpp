// Changing DNS by the method configured for each name (danectl.toml(5), [publish] and [[publish.zone]]).
#pragma once

#include "app/store/workshop.hpp"
#include "core/config/publish_config.hpp"
#include "core/rollover/change.hpp"

#include <memory>

namespace danectl {

// A change of one RRset.
struct RRsetUpdate {
  DnsName owner;                // the end of the aliases
  std::optional<DnsName> zone;  // nothing: not known
  Seconds ttl{};                // that the RRset has; the configured one where there is none
  DnsChange change;
  // What stands at the owner now, where servers differ each of their RRsets: a change by one of these alone.
  std::vector<RRset> seen;
};

// What became of a change.
struct ChangeResult {
  enum class Kind {
    done,
    changed_meanwhile,  // the RRset is not as it was seen: another host may have changed it, or an answer was lost
    refused,            // nothing is changed, and nothing will be: `why`
    unclear,            // it may have been done, or be done later: `why`
  };
  Kind kind = Kind::done;
  Error why{};
};

// `why`: not_yet for what time may mend (no answer), refused for what a person has to, failed for the rest; each with
// what to do.
class Publisher {
 public:
  virtual ~Publisher() = default;
  // Adds or deletes these records, and touches no others.
  virtual ChangeResult change(const RRsetUpdate& update) = 0;
  // Whether a change at this name would be carried out, by one that changes nothing. A method that has none such is
  // taken as good.
  virtual Status rehearse(const DnsName& /*owner*/, const std::optional<DnsName>& /*zone*/) { return {}; }
};

// By the section of a name; nothing for what is there for a person (method `print`).
std::unique_ptr<Publisher> publisher_for(const Workshop& shop, const DnsName& name);

// How records get to where the aliases of an owner end, as far as that is known.
const PublishConfig& publish_for(const Workshop& shop, const DnsName& owner);

// What of a lineage a person publishes and deletes.
enum class ByHand { nothing, some, everything };
ByHand by_hand(const Workshop& shop, const LineageConfig& lineage);
bool is_by_hand(const Workshop& shop, const DnsName& owner);

}  // namespace danectl
