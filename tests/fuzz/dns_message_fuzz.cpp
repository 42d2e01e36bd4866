// DNS messages of any octets: what is read hangs together.
#include "system/dns/dns_message.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void check_tlsa(std::span<const std::uint8_t> packet, const danectl::DnsName& name) {
  const auto message = danectl::read_tlsa_message(packet, name);
  if (!message) return;
  demand(!message->links.empty() && message->links.front().name == name && !message->links.back().cname);
  for (std::size_t i = 0; i + 1 < message->links.size(); ++i) {
    demand(message->links[i].cname == message->links[i + 1].name);
  }
  for (const auto& link : message->links) demand(link.name.is_below_or_equal(link.zone));
  demand(std::is_sorted(message->records.begin(), message->records.end()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace danectl;
  static const DnsName owner = DnsName::parse("_25._tcp.mx.example.com").value();
  static const DnsName apex = DnsName::parse("example.com").value();
  check_tlsa({bytes, size}, owner);
  check_tlsa({bytes, size}, DnsName{});
  if (const auto servers = read_ns_message({bytes, size}, apex)) demand(!servers->servers.empty());
  return 0;
}
