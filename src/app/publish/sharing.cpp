#include "app/publish/sharing.hpp"

#include "app/store/generations.hpp"
#include "app/store/store.hpp"
#include "core/keys/usable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace danectl {
namespace {

// `owners` sorted: there may be ten thousand of them, and as many lineages.
bool shares(const LineageConfig& lineage, const std::vector<DnsName>& owners) {
  return std::any_of(lineage.tlsa.begin(), lineage.tlsa.end(),
                     [&](const DnsName& owner) { return std::binary_search(owners.begin(), owners.end(), owner); });
}

// Which of `owners` one of the lineage's own leads to the name of.
std::vector<DnsName> owners_met(const Workshop& shop, const LineageConfig& lineage,
                                const std::vector<DnsName>& owners) {
  std::vector<DnsName> met;
  for (const DnsName& owner : owners) {
    const DnsName& canonical = shop.aliases->canonical(owner);
    const bool meets = std::any_of(lineage.tlsa.begin(), lineage.tlsa.end(),
                                   [&](const DnsName& own) { return shop.aliases->canonical(own) == canonical; });
    if (meets) met.push_back(owner);
  }
  return met;
}

// What is known of one owner is known of another that leads to the same RRset.
void speak_of(State& state, const DnsName& own, const DnsName& owner) {
  OwnerLedger ledger = ledger_of(state, own);
  ledger.owner = owner;
  state.ledgers.push_back(std::move(ledger));
  std::sort(state.ledgers.begin(), state.ledgers.end(),
            [](const OwnerLedger& a, const OwnerLedger& b) { return a.owner < b.owner; });
  std::vector<RetiringRecord> retiring;
  for (RetiringRecord record : state.retiring) {
    if (record.owner != own) continue;
    record.owner = owner;
    retiring.push_back(std::move(record));
  }
  state.retiring.insert(state.retiring.end(), retiring.begin(), retiring.end());
}

}  // namespace

void learn_aliases(const Workshop& shop) {
  if (shop.aliases->complete()) return;  // once a call
  for (const LineageConfig& lineage : shop.settings.lineages) {
    const bool known = std::all_of(lineage.tlsa.begin(), lineage.tlsa.end(),
                                   [&](const DnsName& owner) { return shop.aliases->looked_at(owner); });
    if (known) continue;
    // One that cannot be read is its own lineage's trouble.
    const auto state = load_state(shop.files(), shop.paths(), lineage.name);
    if (state) shop.aliases->note(*state);
  }
  shop.aliases->set_complete();
}

Status look_at_the_rest(const Workshop& shop) {
  if (shop.aliases->begin_to_look_at_the_rest()) {
    std::vector<DnsName> rest = owners_of(shop.settings.lineages);
    std::erase_if(rest, [&](const DnsName& owner) { return shop.aliases->looked_at(owner); });
    const auto looks = rest.empty() ? std::vector<OwnerLook>() : look_at(shop, rest);
    if (!looks) {
      shop.aliases->set_unknown(looks.error().what);  // for those that ask later in this call
      return looks.error();
    }
    for (const OwnerLook& look : *looks) {
      // One whose answers are bogus or insecure leads no sender to the records.
      if (look.dnssec == Dnssec::unknown) shop.aliases->set_unknown(fmt::format("{}: {}", look.owner.text(), look.why));
    }
  }
  if (shop.aliases->unknown().empty()) return {};
  return not_yet(
      fmt::format("nothing is changed: whether another lineage's owner leads to the same records is not known: {}",
                  shop.aliases->unknown()),
      "what is published there counts for that one, too; try again when DNS answers");
}

Result<Sharing> Sharing::on(const Workshop& shop, const std::vector<DnsName>& owners, const State* known) {
  Sharing sharing;
  std::vector<DnsName> sorted = owners;
  std::sort(sorted.begin(), sorted.end());
  if (known != nullptr) shop.aliases->note(*known);
  learn_aliases(shop);
  for (const LineageConfig& lineage : shop.settings.lineages) {
    Status added;
    if (shares(lineage, sorted)) {
      added = sharing.add(shop, lineage, known);
    } else if (shop.aliases->any()) {
      added = sharing.add_aliased(shop, lineage, owners_met(shop, lineage, sorted));
    }
    if (!added) return added.error();
  }
  return sharing;
}

Status Sharing::add(const Workshop& shop, const LineageConfig& lineage, const State* known) {
  if (known != nullptr && known->name == lineage.name) {
    states_.push_back(*known);
  } else {
    auto state = load_state(shop.files(), shop.paths(), lineage.name);
    if (!state) return state.error();
    states_.push_back(std::move(state).value());
  }
  wants_.push_back({lineage, states_.back()});
  if (shop.aliases->any()) {
    for (const DnsName& owner : lineage.tlsa) {
      for (const DnsName& own : lineage.tlsa) {
        if (shop.aliases->canonical(own) == shop.aliases->canonical(owner)) wants_.back().own.emplace(owner, own);
      }
    }
  }
  return add_deployed(shop);
}

Status Sharing::add_deployed(const Workshop& shop) {
  const LineageConfig& lineage = wants_.back().lineage;
  // A record of the key that every sender knows matches whatever chain comes with the key.
  if (std::any_of(lineage.profile.begin(), lineage.profile.end(),
                  [](const Group& group) { return group.usage == 3 && is_known_to_all(group); })) {
    return {};
  }
  const auto deployed = read_deployed(shop.files(), shop.paths(), lineage.name);
  if (!deployed) return deployed.error();
  if (!*deployed) return {};
  deployed_.push_back((*deployed)->chain);
  wants_.back().deployed = &deployed_.back();
  return {};
}

Status Sharing::add_aliased(const Workshop& shop, const LineageConfig& lineage, const std::vector<DnsName>& owners) {
  if (owners.empty()) return {};
  auto state = load_state(shop.files(), shop.paths(), lineage.name);
  if (!state) return state.error();
  LineageConfig as_if = lineage;
  std::multimap<DnsName, DnsName> own;
  for (const DnsName& owner : owners) {
    for (const DnsName& one : lineage.tlsa) {
      if (shop.aliases->canonical(one) == shop.aliases->canonical(owner)) own.emplace(owner, one);
    }
    as_if.tlsa.push_back(owner);
    speak_of(*state, own.find(owner)->second, owner);
  }
  aliased_.push_back(std::move(as_if));
  states_.push_back(std::move(state).value());
  wants_.push_back({aliased_.back(), states_.back()});
  wants_.back().own = std::move(own);
  return add_deployed(shop);
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
