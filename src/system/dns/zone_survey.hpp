// The first half of a look: through the validating resolver, whether the trust anchor validates the root, where each
// owner leads, whether its base domain is an alias, which zones hold the names on the way, which servers these zones
// and their parents have, and the servers' addresses.
#pragma once

#include "core/config/config.hpp"
#include "core/dns/look.hpp"
#include "system/dns/delegation_message.hpp"
#include "system/dns/dns_message.hpp"
#include "system/dns/host_addresses.hpp"
#include "system/dns/unbound_batch.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace danectl {

// An answer without records that nothing proves: NSEC3 opt-out (RFC 5155 section 6) leaves open whether there is a
// name. It comes as insecure, like the answers of a zone that is not signed; but the SOA in it is signed, and where its
// zone is secure, that was validated. So it is with what a TLSA wildcard gives there: nothing proves that the name
// itself has no RRset, senders do not use it, and the message has no records. Nothing: the reply is no such answer.
std::optional<TlsaMessage> unproven_absence(const Reply& reply, const DnsName& name);

struct OwnerView {
  Dnssec dnssec = Dnssec::unknown;
  std::string why;                                               // when not secure
  OwnerLook::Unanswered unanswered = OwnerLook::Unanswered::no;  // when unknown
  std::optional<DnsName> insecure_at;
  TlsaMessage message;  // when secure
};

// Of the base domain of an owner: as in OwnerLook.
struct BaseDomainView {
  bool is_alias = false;
  bool is_from_wildcard = false;
  std::string unknown;
  AddressAnswer v4;
};

// A server that a zone's parent delegates it to.
struct DelegatedTo {
  Seconds ns_ttl{};
  std::map<std::string, Seconds> glue;  // its addresses as the parent gives them, and their TTL
};

// What the servers of a zone's parent say of it (parent_round.hpp).
struct ParentView {
  std::optional<DnsName> name;
  std::map<DnsName, DelegatedTo> servers;
  bool heard = false;    // one of its servers at least said which they are
  bool whole = true;     // as in Delegation
  std::string unknown;   // else why none did
  std::string left_out;  // or why none was asked
};

struct ZoneView {
  std::set<DnsName> names;    // of the CNAME chains, that lie in it
  std::set<DnsName> servers;  // that the zone itself names
  Seconds ns_ttl{};
  std::string trouble;  // why none of its servers can be asked; empty: they can
  ParentView parent;
};

// Those that the zone names and those that its parent delegates to.
std::set<DnsName> servers_of(const ZoneView& zone);

// The servers of a zone that is some zone's parent: those that it names itself, and those that its own parent delegates
// it to (ancestor_round.hpp).
struct ParentServers {
  std::vector<DnsName> servers;
  std::map<DnsName, std::set<std::string>> glue;  // addresses that came with the delegation
  std::string trouble;                            // why they are not known; empty: they are
  std::optional<DnsName> parent;                  // nothing: the root has none, or it is not known
};

// An address of a server of a zone.
struct ServerAddress {
  std::string address;
  bool by_parent_alone = false;  // as in ServerAnswer
  Seconds delegation_ttl{};      // as in ServerAnswer
};

class ZoneSurvey {
 public:
  ZoneSurvey(UnboundBatch& batch, UnboundBatch::Session resolver, const DnsConfig& config);

  // Asks; the answers come while the batch runs.
  void begin(const std::vector<DnsName>& owners);

  [[nodiscard]] const Reply& root() const { return root_; }
  [[nodiscard]] const std::optional<WallTime>& signed_time() const { return signed_time_; }  // as in Look
  [[nodiscard]] const std::map<DnsName, OwnerView>& owners() const { return owners_; }
  // Of the owner's base domain.
  [[nodiscard]] BaseDomainView base_domain_of(const DnsName& owner) const;
  std::map<DnsName, ZoneView>& zones() { return zones_; }
  HostAddresses& hosts() { return hosts_; }
  // Of the zones, of their parents, and so on up to the root.
  [[nodiscard]] const std::map<DnsName, ParentServers>& parents() const { return parents_; }
  // One that the parent of this zone delegates it to. The batch has to run before its addresses are known.
  void add_parent_server(const DnsName& zone, const NamedServer& named);
  // Of a server of a zone that is some zone's parent, as far as they are known.
  [[nodiscard]] std::set<std::string> addresses_of_parent(const DnsName& zone, const DnsName& server) const;
  // As far as they are known: of the server's name, and as glue.
  [[nodiscard]] std::vector<ServerAddress> addresses_of(const ZoneView& zone, const DnsName& server) const;

 private:
  void ask_for_base_domain(const DnsName& host);
  void ask_for_time(const std::vector<DnsName>& owners);
  void take_owner(const DnsName& owner, const Reply& reply);
  void take_message(const DnsName& owner, TlsaMessage message);
  void consider(const DnsName& owner, const TlsaMessage& unproven);
  void follow_aliases(const DnsName& owner, const std::vector<DnsName>& names);
  void take_alias(const DnsName& owner, std::vector<DnsName> names, const Reply& reply);
  [[nodiscard]] std::string why_not_asked(const DnsName& apex, const DnsName& name) const;
  void want_zone(const DnsName& apex, const DnsName& name);
  void take_servers(const DnsName& apex, const Reply& reply);
  void take_parent(const DnsName& apex, const Reply& reply);
  void want_parent(const DnsName& parent);
  void take_parent_servers(const DnsName& parent, const Reply& reply);
  void want_host(const DnsName& server);

  UnboundBatch& batch_;
  UnboundBatch::Session resolver_;
  const DnsConfig& config_;
  std::vector<DnsName> from_elsewhere_;
  Reply root_;
  std::optional<WallTime> signed_time_;
  std::map<DnsName, OwnerView> owners_;
  std::map<DnsName, BaseDomainView> base_domains_;
  std::map<DnsName, bool> apexes_;  // of unproven absence: whether the zone is secure
  std::map<DnsName, ZoneView> zones_;
  std::map<DnsName, ParentServers> parents_;
  HostAddresses hosts_;
};

}  // namespace danectl
