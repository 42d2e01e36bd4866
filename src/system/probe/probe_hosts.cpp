#include "system/probe/probe_hosts.hpp"

#include "system/dns/host_addresses.hpp"
#include "system/dns/unbound_batch.hpp"
#include "system/dns/unbound_context.hpp"
#include "system/host/socket_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>

namespace danectl {
namespace {

using Kind = ProbedAddress::Kind;

ProbedAddress to_be_probed(const std::string& address) {
  return {address, Kind::probed, {}, {}};
}

ProbedAddress no_address(std::string why) {
  return {{}, Kind::failed, std::move(why), {}};
}

std::vector<ProbedAddress> addresses_of(const DnsName& host, const HostView& view) {
  std::vector<ProbedAddress> addresses;
  for (const std::string& address : view.addresses) addresses.push_back(to_be_probed(address));
  if (view.nowhere) {
    addresses.push_back(no_address(fmt::format("{} has no address", host.text())));
    return addresses;
  }
  // Where one family could not be looked up, there may be a server that was not asked.
  for (const std::string& trouble : view.trouble) addresses.push_back(no_address(trouble));
  return addresses;
}

class Routes {
 public:
  void look_for(const std::string& address) {
    const bool there = has_route(address);
    known_[address] = there;
    if (there) families_.insert(is_v6(address));
  }
  [[nodiscard]] bool to(const std::string& address) const { return known_.at(address); }
  [[nodiscard]] bool for_family_of(const std::string& address) const { return families_.contains(is_v6(address)); }

 private:
  static bool is_v6(const std::string& address) { return address.find(':') != std::string::npos; }

  std::map<std::string, bool> known_;
  std::set<bool> families_;  // true: IPv6
};

void leave_out_unroutable(ProbeResult& result, const Routes& routes) {
  const auto reachable = [&](const ProbedAddress& at) { return at.kind == Kind::probed && routes.to(at.address); };
  const bool any = std::any_of(result.addresses.begin(), result.addresses.end(), reachable);
  for (ProbedAddress& at : result.addresses) {
    if (at.kind != Kind::probed || routes.to(at.address)) continue;
    const bool family = routes.for_family_of(at.address);
    const bool v6 = at.address.find(':') != std::string::npos;
    at.why = family ? "no route to it" : fmt::format("no {} route on this host", v6 ? "IPv6" : "IPv4");
    // A host without network must not have a server pass because there was nothing to ask.
    at.kind = !family && any ? Kind::left_out : Kind::failed;
  }
}

}  // namespace

std::vector<ProbeResult> find_probe_hosts(const DnsConfig& config, const std::vector<ProbeUrl>& urls) {
  UnboundBatch batch(config.timeout);
  HostAddresses hosts(batch, batch.add_session([&config] { return UnboundContext::open(config, {}); }));
  for (const ProbeUrl& url : urls) {
    if (url.address.empty()) hosts.want(url.host);
  }
  batch.run(std::chrono::steady_clock::now() + config.timeout);

  std::vector<ProbeResult> results;
  Routes routes;
  for (const ProbeUrl& url : urls) {
    const bool one = !url.address.empty();
    results.push_back({url, one ? std::vector{to_be_probed(url.address)} : addresses_of(url.host, hosts.of(url.host))});
    for (const ProbedAddress& at : results.back().addresses) {
      if (at.kind == Kind::probed) routes.look_for(at.address);
    }
  }
  for (ProbeResult& result : results) leave_out_unroutable(result, routes);
  return results;
}

}  // namespace danectl
