#include "app/check/dns_view.hpp"

#include "core/check/second_opinion.hpp"

#include <algorithm>
#include <utility>

namespace danectl {

DnsView::DnsView(const Workshop& shop) : shop_(shop), from_root_(asking_from_root(shop.config())) {}

void DnsView::look(const std::vector<DnsName>& owners, const MailLook& mail) {
  inspection_ = look_at_all(owners, look_);
  take_mail(inspection_, mail);
  used_ = UsedRecords(look_.owners, inspection_);
  const std::vector<DnsName> expanded = used_.not_looked_at(look_.owners);
  if (expanded.empty()) return;
  Look more;
  inspection_of_expanded_ = look_at_all(expanded, more);
  expanded_.insert(expanded.begin(), expanded.end());
  std::move(more.owners.begin(), more.owners.end(), std::back_inserter(look_.owners));
}

void DnsView::take_mail(Inspection& inspection, const MailLook& mail) {
  for (const MailDomain& domain : mail.domains) {
    std::erase_if(inspection.mx, [&](const MxInspection& mx) { return mx.domain == domain.name; });
    if (domain.dnssec != Dnssec::secure) continue;
    for (const Exchange& exchange : domain.exchanges) {
      inspection.mx.push_back({domain.name, exchange.host, domain.dnssec});
    }
  }
}

Inspection DnsView::look_at_all(const std::vector<DnsName>& owners, Look& look) {
  auto seen = look_at(shop_, owners);
  if (!seen) {
    look = no_look(owners, seen.error().what, shop_.world.clock.now());
    return {};
  }
  look = *std::move(seen);
  Inspection inspection = shop_.world.inspector(shop_.config())->inspect(look.owners);
  look_from_root(look, inspection);
  return inspection;
}

void DnsView::look_from_root(Look& look, Inspection& inspection) {
  if (shop_.config().dns.resolver == DnsConfig::Mode::recursive) return;
  std::vector<DnsName> doubtful;
  for (const OwnerLook& one : look.owners) {
    if (is_held_by_dnssec({one, inspection})) doubtful.push_back(one.owner);
  }
  if (doubtful.empty()) return;
  const auto second = shop_.world.resolver(from_root_)->look(doubtful);
  if (!second) {
    for (const DnsName& owner : doubtful) left_open_.emplace(owner, no_look_from_root(second.error().what));
    return;
  }
  const Inspection beyond = shop_.world.inspector(from_root_)->inspect(second->owners);
  const Inspection by_resolver = inspection;
  for (const OwnerLook& from_root : second->owners) {
    const auto first = std::find_if(look.owners.begin(), look.owners.end(),
                                    [&](const OwnerLook& one) { return one.owner == from_root.owner; });
    const DnsSight before{*first, by_resolver};
    const DnsSight now{from_root, beyond};
    if (!overrules(now, before)) {
      left_open_.emplace(from_root.owner, left_open_by(now, before));
      continue;
    }
    differing_.emplace(from_root.owner, resolver_differs(now, before));
    put_in_place(inspection, now);
    *first = from_root;
  }
}

const OwnerLook& DnsView::used_look(const DnsName& owner) const {
  return used_.used(look_.owners, *look_of(look_.owners, owner));
}

const Inspection& DnsView::inspection_of(const OwnerLook& look) const {
  return expanded_.contains(look.owner) ? inspection_of_expanded_ : inspection_;
}

std::vector<Finding> DnsView::with_second_look(const DnsName& owner, std::vector<Finding> findings) const {
  if (const auto differing = differing_.find(owner); differing != differing_.end()) {
    findings.push_back(differing->second);
  }
  const auto open = left_open_.find(owner);
  return open == left_open_.end() ? findings : with_reservation(std::move(findings), open->second);
}

const Config& DnsView::config_for(const DnsName& owner) const {
  return differing_.contains(owner) ? from_root_ : shop_.config();
}

}  // namespace danectl
