#include "core/check/used_records.hpp"

#include <algorithm>
#include <set>

namespace danectl {
namespace {

bool has_records(const OwnerLook& look) {
  return !look.resolver_records.empty() ||
         std::any_of(look.answers.begin(), look.answers.end(),
                     [](const ServerAnswer& answer) { return !answer.records.empty(); });
}

// A look-up that fails is not one that finds nothing (RFC 7672 section 2.1.2).
bool is_passed_over(const OwnerLook& look) {
  return look.dnssec == Dnssec::insecure || (look.dnssec == Dnssec::secure && !has_records(look));
}

}  // namespace

UsedRecords::UsedRecords(const std::vector<OwnerLook>& looks, const Inspection& inspection) {
  for (const OwnerLook& look : looks) {
    if (const auto expanded = expanded_owner(look.owner, inspection)) expanded_.emplace(look.owner, *expanded);
  }
}

std::vector<DnsName> UsedRecords::not_looked_at(const std::vector<OwnerLook>& looks) const {
  std::set<DnsName> owners;
  for (const auto& [owner, expanded] : expanded_) owners.insert(expanded);
  for (const OwnerLook& look : looks) owners.erase(look.owner);
  return {owners.begin(), owners.end()};
}

const DnsName& UsedRecords::first(const DnsName& owner) const {
  const auto found = expanded_.find(owner);
  return found == expanded_.end() ? owner : found->second;
}

const OwnerLook& UsedRecords::used(const std::vector<OwnerLook>& looks, const OwnerLook& look) const {
  const auto found = expanded_.find(look.owner);
  const OwnerLook* const expanded = found == expanded_.end() ? nullptr : look_of(looks, found->second);
  return expanded == nullptr || is_passed_over(*expanded) ? look : *expanded;
}

}  // namespace danectl
