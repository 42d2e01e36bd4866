#include "app/publish/publisher.hpp"

#include "app/publish/hook_publisher.hpp"
#include "app/publish/include_publisher.hpp"
#include "app/publish/nsupdate_publisher.hpp"
#include "core/config/publish_config.hpp"

#include <algorithm>

namespace danectl {
namespace {

std::unique_ptr<Publisher> publisher_by(const Workshop& shop, const PublishConfig& section) {
  switch (section.method) {
    case PublishMethod::nsupdate:
      return nsupdate_publisher(shop, section);
    case PublishMethod::include:
      return include_publisher(shop, section);
    case PublishMethod::hook:
      return hook_publisher(shop, section);
    case PublishMethod::print:
      break;
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<Publisher> publisher_for(const Workshop& shop, const DnsName& name) {
  return publisher_by(shop, publish_for(shop.config(), name));
}

const PublishConfig& publish_for(const Workshop& shop, const DnsName& owner) {
  return publish_for(shop.config(), shop.book->canonical(owner));
}

bool is_by_hand(const Workshop& shop, const DnsName& owner) {
  return publish_for(shop, owner).method == PublishMethod::print;
}

ByHand by_hand(const Workshop& shop, const LineageConfig& lineage) {
  const auto owners = std::count_if(lineage.tlsa.begin(), lineage.tlsa.end(),
                                    [&](const DnsName& owner) { return is_by_hand(shop, owner); });
  if (owners == 0) return ByHand::nothing;
  return owners == std::ssize(lineage.tlsa) ? ByHand::everything : ByHand::some;
}

}  // namespace danectl
