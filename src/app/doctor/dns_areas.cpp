#include "app/doctor/dns_areas.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace danectl {
namespace {

struct Root {
  bool secure = false;
  std::optional<Error> error;  // no look is possible at all
  std::string why;             // the root gave no validated answer
};

Root root_through(const Workshop& shop, const DnsConfig::Mode mode) {
  Config config = shop.config();
  config.dns.resolver = mode;
  const auto look = shop.world.resolver(config)->look({DnsName{}});
  if (!look) return {false, look.error(), {}};
  const OwnerLook& root = look->owners.front();
  return {root.dnssec == Dnssec::secure, {}, root.why};
}

std::string text_of(const Root& root) {
  return root.error ? root.error->what : root.why;
}

}  // namespace

RootLook look_at_root(const Workshop& shop) {
  using Mode = DnsConfig::Mode;
  RootLook look;
  look.trust_anchor.fine = "the keys of the DNS root validate the root as it is now";
  const bool recursive = shop.config().dns.resolver == Mode::recursive;
  look.resolver.fine = recursive ? "name servers are asked from the root, without a resolver"
                                 : "the resolver answers, and passes DNSSEC on";
  const Root through = root_through(shop, shop.config().dns.resolver);
  if (through.secure) return look;
  const Root without = recursive ? through : root_through(shop, Mode::recursive);
  if (without.secure) {
    look.resolver.lacking.push_back(
        failed("the resolver of this host is of no use for DANE: " + text_of(through),
               fmt::format("set resolver = \"recursive\" below [dns] in {}", shop.settings.path)));
    return look;
  }
  if (without.error) {
    look.trust_anchor.lacking.push_back(*without.error);
    look.resolver.fine.clear();
    return look;
  }
  look.trust_anchor.unread.push_back(
      {ErrorKind::failed, "the root gives no validated answer here, so it is not known whether the file is up to date",
       "see the line about the resolver"});
  look.resolver.lacking.push_back(through.error ? *through.error
                                                : failed("DNS does not answer this host: " + through.why,
                                                         "see what `delv . SOA` says, and correct /etc/resolv.conf or "
                                                         "the firewall between this host and port 53"));
  return look;
}

AreaLook look_at_zones(const std::vector<OwnerLook>& looks) {
  AreaLook look{.area = Area::zone};
  std::set<std::string> zones;
  for (const OwnerLook& one : looks) {
    if (one.dnssec != Dnssec::secure) continue;
    for (const ZoneServers& zone : one.zones) zones.insert(zone.apex.text());
  }
  if (!zones.empty()) look.fine = fmt::format("signed and valid: {}", fmt::join(zones, ", "));
  return look;
}

AreaLook look_at_name_servers(const Workshop& shop, const std::vector<OwnerLook>& looks) {
  AreaLook look{.area = Area::name_servers};
  std::map<std::string, std::string> names;  // by address
  std::map<std::string, std::string> left_out;
  for (const OwnerLook& one : looks) {
    for (const ServerAnswer& answer : one.answers) {
      if (answer.address.empty()) continue;
      auto& into = answer.kind == ServerAnswer::Kind::left_out ? left_out : names;
      into.emplace(answer.address, answer.kind == ServerAnswer::Kind::left_out ? answer.why : answer.server.text());
    }
  }
  if (names.empty()) return look;
  std::vector<std::string> addresses;
  addresses.reserve(names.size());
  for (const auto& [address, name] : names) addresses.push_back(address);
  for (const auto& [address, why] : shop.world.inspector(shop.config())->without_tcp(addresses)) {
    look.findings.push_back({FindingId::answer_without_tcp,
                             Severity::warning,
                             {},
                             {},
                             {},
                             address,
                             fmt::format("{} ({}) takes no connection by TCP: {}", names.at(address), address, why),
                             "let TCP port 53 of that name server through, and have it answer there (RFC 7766)"});
  }
  look.fine = addresses.size() == 1 ? "the one address of the name servers answers by UDP and TCP"
                                    : fmt::format("all {} addresses answer by UDP and TCP", addresses.size());
  if (!left_out.empty()) {
    look.fine += fmt::format("; {} left out ({})", left_out.size(), left_out.begin()->second);
  }
  return look;
}

}  // namespace danectl
