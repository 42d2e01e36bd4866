#include "core/check/check_delegation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace danectl {
namespace {

using Texts = std::vector<std::string>;

bool has(const auto& all, const auto& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// The addresses that the name of a server has; empty: not known.
Texts own_addresses(const OwnerLook& look, const DnsName& zone, const DnsName& server) {
  Texts addresses;
  for (const ServerAnswer& answer : look.answers) {
    if (answer.zone != zone || answer.server != server || answer.address.empty() || answer.by_parent_alone) continue;
    if (!has(addresses, answer.address)) addresses.push_back(answer.address);
  }
  return addresses;
}

Texts without(const Texts& all, const Texts& others) {
  Texts left;
  for (const std::string& one : all) {
    if (!has(others, one)) left.push_back(one);
  }
  return left;
}

void compare_glue(Texts& differences, const OwnerLook& look, const ZoneServers& zone, const DelegatedServer& server) {
  const Texts own = own_addresses(look, zone.apex, server.name);
  if (server.glue.empty() || own.empty()) return;
  if (const Texts more = without(server.glue, own); !more.empty()) {
    differences.push_back(
        fmt::format("the glue of {} has {}, the name has not", server.name.text(), fmt::join(more, ", ")));
  }
  if (!server.name.is_below_or_equal(zone.apex)) return;
  if (const Texts missing = without(own, server.glue); !missing.empty()) {
    differences.push_back(fmt::format("{} has {}, its glue has not", server.name.text(), fmt::join(missing, ", ")));
  }
}

}  // namespace

std::vector<std::string> delegation_differences(const OwnerLook& look, const ZoneServers& zone) {
  Texts differences;
  if (!zone.delegation) return differences;
  const std::string parent = zone.delegation->parent.text();
  std::vector<DnsName> delegated;
  for (const DelegatedServer& server : zone.delegation->servers) {
    delegated.push_back(server.name);
    if (has(zone.servers, server.name)) {
      compare_glue(differences, look, zone, server);
    } else {
      differences.push_back(fmt::format("only {} names {}", parent, server.name.text()));
    }
  }
  for (const DnsName& server : zone.servers) {
    if (!has(delegated, server)) differences.push_back(fmt::format("only the zone names {}", server.text()));
  }
  return differences;
}

std::vector<Finding> check_delegation(const OwnerLook& look) {
  std::vector<Finding> findings;
  for (const ZoneServers& zone : look.zones) {
    const Texts differences = delegation_differences(look, zone);
    if (differences.empty()) continue;
    Finding finding{.id = FindingId::delegation_differs, .owner = look.owner.text()};
    finding.message = fmt::format("{} delegates {} to other name servers than the zone names: {}",
                                  zone.delegation->parent.text(), zone.apex.text(), fmt::join(differences, "; "));
    finding.remedy = fmt::format(
        "resolvers ask either: let the registrar of {} and its NS records name the same "
        "servers, at the same addresses (RFC 1034 section 4.2.2)",
        zone.apex.text());
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace danectl
