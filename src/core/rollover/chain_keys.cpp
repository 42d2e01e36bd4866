#include "core/rollover/chain_keys.hpp"

#include "core/rollover/chain_view.hpp"

#include <algorithm>

namespace danectl {
namespace {

bool is_root_of(const Certificate& certificate, const LineageConfig& lineage) {
  return std::any_of(lineage.roots.begin(), lineage.roots.end(),
                     [&](const Certificate& root) { return root.fingerprint == certificate.fingerprint; });
}

std::optional<KeyId> anchor_of(const Chain& chain, const LineageConfig& lineage) {
  if (chain.certificates.size() < 2) return std::nullopt;
  if (lineage.append_root.empty()) return chain.certificates[1].key;
  if (!is_root_of(chain.certificates.back(), lineage)) return std::nullopt;
  return chain.certificates.back().key;
}

}  // namespace

ChainKeys keys_of(const Chain& chain, const LineageConfig& lineage) {
  return {chain.leaf().key, lineage.names_issuers() ? anchor_of(chain, lineage) : std::nullopt};
}

std::vector<Association> associations_of(const ChainKeys& keys, const std::vector<Group>& profile) {
  std::vector<Association> associations;
  for (const Group& group : profile) {
    if (group.usage == 2 && !keys.anchor) continue;
    associations.push_back(association_of(group.usage == 2 ? *keys.anchor : keys.key, group));
  }
  return associations;
}

std::vector<Association> associations_of_issuer(const KeyId& issuer, const std::vector<Group>& profile) {
  std::vector<Association> associations;
  for (const Group& group : profile) {
    if (group.usage == 2) associations.push_back(association_of(issuer, group));
  }
  return associations;
}

Chain served_chain(Chain chain, const LineageConfig& lineage) {
  if (is_root_of(chain.certificates.back(), lineage)) return chain;
  for (const Certificate& root : lineage.roots) {
    Chain closed = chain;
    closed.certificates.push_back(root);
    if (check_complete(closed)) return closed;
  }
  return chain;
}

Chain without_root(Chain chain, const LineageConfig& lineage) {
  if (chain.certificates.size() > 1 && is_root_of(chain.certificates.back(), lineage)) chain.certificates.pop_back();
  return chain;
}

bool passes_by_its_issuer(const Chain& chain, const LineageConfig& lineage, WallTime now) {
  if (!lineage.names_issuers()) return true;
  const std::optional<KeyId> anchor = keys_of(chain, lineage).anchor;
  if (!anchor) return false;
  const RRset records{association_of(*anchor, {2, 1, 1})};
  return std::all_of(lineage.tlsa.begin(), lineage.tlsa.end(), [&](const DnsName& owner) {
    const auto parts = parse_owner(owner);
    return parts && passes({"the chain", KnownChain{shared(chain)}, {parts->host.text()}, {}}, records, Sender{}, now);
  });
}

bool differ(const ChainKeys& before, const ChainKeys& now, const LineageConfig& lineage) {
  if (lineage.names_keys() && !(before.key == now.key)) return true;
  return before.anchor && now.anchor && !(*before.anchor == *now.anchor);
}

}  // namespace danectl
