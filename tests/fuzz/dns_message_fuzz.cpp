// DNS messages of any octets: what is read hangs together.
#include "fuzz/demand.hpp"

#include "system/dns/delegation_message.hpp"
#include "system/dns/dns_message.hpp"

#include <algorithm>
#include <cstdint>

namespace {

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
  static const DnsName parent = DnsName::parse("com").value();
  if (const auto servers = read_delegation({bytes, size}, apex, parent)) {
    for (const NamedServer& server : *servers) {
      demand(server.ttl <= longest_unsigned_ttl && (server.glue.empty() || server.name.is_below_or_equal(parent)));
    }
  }
  if (const auto above = read_parent({bytes, size}, apex)) demand(*above != apex && apex.is_below_or_equal(*above));
  (void)read_name_servers({bytes, size}, apex);
  demand(read_longest_ttl({bytes, size}) <= longest_unsigned_ttl);
  return 0;
}
