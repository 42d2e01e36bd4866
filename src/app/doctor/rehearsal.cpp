#include "app/doctor/rehearsal.hpp"

#include "app/host/publishing_setup.hpp"
#include "app/publish/places.hpp"
#include "app/publish/publisher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace danectl {

AreaLook rehearse_publishing(const Workshop& shop, const std::vector<DnsName>& owners,
                             const std::vector<OwnerLook>& looks) {
  AreaLook look{.area = Area::publishing};
  const AreaLook setup = look_at_publishing(shop, owners);
  const bool is_possible = std::none_of(setup.findings.begin(), setup.findings.end(), [](const Finding& finding) {
    return finding.id == FindingId::publishing_impossible;
  });
  if (!is_possible || !setup.unread.empty()) return look;
  std::set<DnsName> done;
  for (const DnsName& owner : owners) {
    const OwnerLook* const seen = look_of(looks, owner);
    if (seen == nullptr || seen->dnssec != Dnssec::secure || !done.insert(seen->canonical()).second) continue;
    const auto publisher = publisher_for(shop, seen->canonical());
    if (!publisher) continue;
    if (publish_for(shop.config(), seen->canonical()).method == PublishMethod::nsupdate) {
      look.fine = fmt::format("the primary of {} takes updates of TLSA records",
                              zone_of(*seen) ? zone_of(*seen)->text() : seen->canonical().text());
    }
    if (const auto good = publisher->rehearse(seen->canonical(), zone_of(*seen)); !good) {
      look.findings.push_back({FindingId::publishing_impossible,
                               Severity::warning,
                               {},
                               owner.text(),
                               {},
                               {},
                               good.error().what,
                               good.error().hint});
    }
  }
  return look;
}

}  // namespace danectl
