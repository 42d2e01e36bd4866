// The first half of a look: through the validating resolver, whether the trust anchor validates the root, where each
// owner leads, which zones hold the names on the way, which servers these zones have, and the servers' addresses.
#pragma once

#include "core/config/config.hpp"
#include "core/dns/look.hpp"
#include "system/dns/dns_message.hpp"
#include "system/dns/host_addresses.hpp"
#include "system/dns/unbound_batch.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace danectl {

// What the resolver's reply says of the names it covers; and the words for it when that is not `secure`.
Dnssec dnssec_of(Reply::Kind kind);
std::string why_not_secure(const DnsName& name, const Reply& reply);

struct OwnerView {
  Dnssec dnssec = Dnssec::unknown;
  std::string why;                                               // when not secure
  OwnerLook::Unanswered unanswered = OwnerLook::Unanswered::no;  // when unknown
  std::optional<DnsName> insecure_at;
  TlsaMessage message;  // when secure
};

struct ZoneView {
  std::set<DnsName> names;  // of the CNAME chains, that lie in it
  std::set<DnsName> servers;
  Seconds ns_ttl{};
  std::string trouble;  // why none of its servers can be asked; empty: they can
};

class ZoneSurvey {
 public:
  ZoneSurvey(UnboundBatch& batch, UnboundBatch::Session resolver, const DnsConfig& config);

  // Asks; the answers come while the batch runs.
  void begin(const std::vector<DnsName>& owners);

  [[nodiscard]] const Reply& root() const { return root_; }
  [[nodiscard]] const std::map<DnsName, OwnerView>& owners() const { return owners_; }
  std::map<DnsName, ZoneView>& zones() { return zones_; }
  HostAddresses& hosts() { return hosts_; }

 private:
  void take_owner(const DnsName& owner, const Reply& reply);
  void follow_aliases(const DnsName& owner, const std::vector<DnsName>& names);
  void take_alias(const DnsName& owner, std::vector<DnsName> names, const Reply& reply);
  [[nodiscard]] std::string why_not_asked(const DnsName& apex, const DnsName& name) const;
  void want_zone(const DnsName& apex, const DnsName& name);
  void take_servers(const DnsName& apex, const Reply& reply);

  UnboundBatch& batch_;
  UnboundBatch::Session resolver_;
  const DnsConfig& config_;
  std::vector<DnsName> from_elsewhere_;
  Reply root_;
  std::map<DnsName, OwnerView> owners_;
  std::map<DnsName, ZoneView> zones_;
  HostAddresses hosts_;
};

}  // namespace danectl
