#include "app/records.hpp"

#include "app/exit_code.hpp"
#include "app/store.hpp"
#include "core/wanted.hpp"

#include <algorithm>
#include <deque>

namespace danectl {
namespace {

bool shares(const LineageConfig& lineage, const std::vector<DnsName>& owners) {
  return std::any_of(lineage.tlsa.begin(), lineage.tlsa.end(), [&](const DnsName& owner) {
    return std::find(owners.begin(), owners.end(), owner) != owners.end();
  });
}

}  // namespace

Result<std::vector<WantedRRset>> wanted_of(const Workshop& shop, const std::vector<LineageConfig>& lineages,
                                           const std::vector<OwnerLook>& looks) {
  const std::vector<DnsName> owners = owners_of(lineages);
  std::deque<State> states;  // stays in place while references to its members are kept
  std::vector<LineageWants> wants;
  for (const LineageConfig& lineage : shop.settings.lineages) {
    if (!shares(lineage, owners)) continue;
    auto state = load_state(shop.files(), shop.paths(), lineage.name);
    if (!state) return state.error();
    states.push_back(std::move(state).value());
    wants.push_back({lineage, states.back()});
  }
  std::vector<WantedRRset> rrsets = wanted_rrsets(wants, looks, shop.config().publish.ttl);
  std::erase_if(rrsets, [&](const WantedRRset& rrset) {
    return std::find(owners.begin(), owners.end(), rrset.owner) == owners.end();
  });
  return rrsets;
}

int records(const RecordsOptions& options, const Workshop& shop) {
  const auto lineages = choose_lineages(shop.settings, options.names);
  if (!lineages) {
    shop.output.trouble(lineages.error());
    return exit_code(lineages.error().kind);
  }
  const std::vector<OwnerLook> looks = looks_or_none(shop, owners_of(*lineages));
  for (const OwnerLook& look : looks) {
    if (look.chain.empty() && !look.why.empty()) {
      shop.output.warn(look.why, "its records are printed at the owner itself, with the TTL of the configuration");
    }
  }
  auto wanted = wanted_of(shop, *lineages, looks);
  if (!wanted) {
    shop.output.trouble(wanted.error());
    return exit_code(wanted.error().kind);
  }
  const auto shown = options.only ? only(*wanted, *options.only) : *wanted;
  shop.output.out << records_text(shown, options.format, shop.config().publish.server);
  return exit_done;
}

}  // namespace danectl
