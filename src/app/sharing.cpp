#include "app/sharing.hpp"

#include "app/store.hpp"

#include <algorithm>

namespace danectl {
namespace {

// `owners` sorted: there may be ten thousand of them, and as many lineages.
bool shares(const LineageConfig& lineage, const std::vector<DnsName>& owners) {
  return std::any_of(lineage.tlsa.begin(), lineage.tlsa.end(),
                     [&](const DnsName& owner) { return std::binary_search(owners.begin(), owners.end(), owner); });
}

}  // namespace

Result<Sharing> Sharing::on(const Workshop& shop, const std::vector<DnsName>& owners, const State* known) {
  Sharing sharing;
  std::vector<DnsName> sorted = owners;
  std::sort(sorted.begin(), sorted.end());
  for (const LineageConfig& lineage : shop.settings.lineages) {
    if (!shares(lineage, sorted)) continue;
    if (known != nullptr && known->name == lineage.name) {
      sharing.states_.push_back(*known);
    } else {
      auto state = load_state(shop.files(), shop.paths(), lineage.name);
      if (!state) return state.error();
      sharing.states_.push_back(std::move(state).value());
    }
    sharing.wants_.push_back({lineage, sharing.states_.back()});
  }
  return sharing;
}

std::vector<ProbeUrl> Sharing::probes() const {
  std::vector<ProbeUrl> urls;
  for (const LineageWants& one : wants_) {
    for (const ProbeUrl& url : one.lineage.probe) {
      const bool there =
          std::any_of(urls.begin(), urls.end(), [&](const ProbeUrl& u) { return u.text() == url.text(); });
      if (!there) urls.push_back(url);
    }
  }
  return urls;
}

}  // namespace danectl
