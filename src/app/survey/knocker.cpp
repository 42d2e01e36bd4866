#include "app/survey/knocker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace danectl {
namespace {

constexpr std::size_t most_at_once = 256;
// Hosts and addresses that are remembered; a name and a verdict each.
constexpr std::size_t most_remembered = 65536;
// Addresses whose chains are kept for other names at them: some ten kilobytes each.
constexpr std::size_t most_shown = 512;

template <class Map>
void forget_oldest(Map& map, std::deque<std::string>& order, std::size_t most) {
  while (order.size() > most) {
    map.erase(order.front());
    order.pop_front();
  }
}

}  // namespace

void Knocker::want(const MailHost& host, const DnsName& domain, Known known) {
  const auto [at, is_new] = visits_.try_emplace(host.seen.host.text());
  Visit& visit = at->second;
  if (visit.done) {
    known(visit.knock);
    return;
  }
  visit.waiting.push_back(std::move(known));
  if (!is_new) return;
  const TlsaAnswer& answer = *used_answer(host);
  visit.base = parse_owner(answer.owner).value().host;
  visit.address = host.addresses.front();
  visit.records = answer.records;
  visit.names = {visit.base.text()};
  // The host's own name as well where it is an alias, and the domain's (RFC 7672 section 3.2.2).
  if (host.seen.host != visit.base) visit.names.push_back(host.seen.host.text());
  if (domain != host.seen.host) visit.names.push_back(domain.text());
  queue_.push_back(at->first);
}

void Knocker::knock() {
  std::vector<std::string> hosts;
  std::vector<ProbeUrl> urls;
  while (!queue_.empty() && hosts.size() < most_at_once) {
    const Visit& visit = visits_.at(queue_.front());
    if (asked_.try_emplace(visit.address, visit.base).second) {
      asked_order_.push_back(visit.address);
      urls.push_back({"smtp", visit.base, 25, visit.address});
    }
    hosts.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  for (ProbeResult& result : probe_->probe(urls)) {
    remember_shown({result.url.host, std::move(result.addresses.front())});
  }
  for (const std::string& host : hosts) remember(host);
  forget_oldest(asked_, asked_order_, most_remembered);
  forget_oldest(shown_, shown_order_, most_shown);
  forget_oldest(visits_, done_, most_remembered);
}

void Knocker::remember_shown(Shown shown) {
  std::string address = shown.address.address;
  if (shown_.insert_or_assign(address, std::move(shown)).second) shown_order_.push_back(std::move(address));
}

void Knocker::remember(const std::string& host) {
  Visit& visit = visits_.at(host);
  visit.knock = judge(visit);
  visit.done = true;
  visit.records.clear();
  visit.names.clear();
  done_.push_back(host);
  for (const Known& known : std::exchange(visit.waiting, {})) known(visit.knock);
}

Knock Knocker::judge(const Visit& visit) const {
  const DnsName& asked_as = asked_.at(visit.address);
  const auto shown = shown_.find(visit.address);
  Knock knock;
  knock.address = visit.address;
  if (shown != shown_.end()) {
    knock = judge_knock(shown->second.address, {visit.records, visit.names, clock_.now().wall});
  }
  if (asked_as == visit.base || knock.verdict == Knock::Verdict::verified) return knock;
  // A server may choose its chain by the name, so what another name was shown proves no mismatch.
  Knock other;
  other.address = visit.address;
  other.why = fmt::format("its address was asked before, as {}", asked_as.text());
  return other;
}

}  // namespace danectl
