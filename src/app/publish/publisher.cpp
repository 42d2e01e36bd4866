#include "app/publish/publisher.hpp"

#include "app/publish/hook_publisher.hpp"
#include "app/publish/include_publisher.hpp"
#include "app/publish/nsupdate_publisher.hpp"
#include "core/config/publish_config.hpp"

#include <algorithm>
#include <map>

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

class PublisherBySection : public Publisher {
 public:
  explicit PublisherBySection(const Workshop& shop) : shop_(shop) {}

  // The server of one zone may be down: that keeps no other zone from being tried.
  Status add(const std::vector<RRsetChange>& changes) override {
    std::vector<const PublishConfig*> sections;
    std::map<const PublishConfig*, std::vector<RRsetChange>> parts;
    for (const RRsetChange& change : changes) {
      const PublishConfig* section = &publish_for(shop_.config(), change.owner);
      if (!parts.contains(section)) sections.push_back(section);
      parts[section].push_back(change);
    }
    Status result;
    for (const PublishConfig* section : sections) {
      const auto publisher = publisher_by(shop_, *section);
      if (!publisher) continue;
      const Status one = publisher->add(parts[section]);
      if (!one && result) result = one;
    }
    return result;
  }

  Removal remove(const RRsetRemoval& removal) override {
    const auto publisher = publisher_by(shop_, publish_for(shop_.config(), removal.owner));
    return publisher ? publisher->remove(removal) : Removal{};
  }

 private:
  const Workshop& shop_;
};

}  // namespace

std::unique_ptr<Publisher> make_publisher(const Workshop& shop) {
  return std::make_unique<PublisherBySection>(shop);
}

const PublishConfig& publish_for(const Workshop& shop, const DnsName& owner) {
  return publish_for(shop.config(), shop.aliases->canonical(owner));
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
