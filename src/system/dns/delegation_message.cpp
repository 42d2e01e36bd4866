#include "system/dns/delegation_message.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <resolv.h>

namespace danectl {
namespace {

struct Record {
  std::optional<DnsName> name;  // nothing: a DnsName cannot hold it
  int type = 0;
  Seconds ttl{};
  std::span<const std::uint8_t> rdata;
};

// False: it cannot be read to the end.
template <class Visit>
bool for_each_record(std::span<const std::uint8_t> packet, std::initializer_list<ns_sect> sections, Visit visit) {
  ns_msg message;
  if (packet.size() > NS_MAXMSG || ns_initparse(packet.data(), static_cast<int>(packet.size()), &message) != 0) {
    return false;
  }
  for (const ns_sect section : sections) {
    for (int index = 0; index < ns_msg_count(message, section); ++index) {
      ns_rr record;
      if (ns_parserr(&message, section, index, &record) != 0) return false;
      if (ns_rr_class(record) != ns_c_in) continue;
      const auto name = DnsName::parse(ns_rr_name(record));
      const bool is_root = ns_rr_name(record)[0] == '\0' || std::string_view(ns_rr_name(record)) == ".";
      visit(Record{is_root ? std::optional(DnsName{})
                   : name  ? std::optional(*name)
                           : std::nullopt,
                   static_cast<int>(ns_rr_type(record)), Seconds{ns_rr_ttl(record)},
                   std::span(ns_rr_rdata(record), static_cast<std::size_t>(ns_rr_rdlen(record)))});
    }
  }
  return true;
}

std::optional<DnsName> name_in(std::span<const std::uint8_t> packet, std::span<const std::uint8_t> rdata) {
  std::array<char, NS_MAXDNAME> text{};
  const std::uint8_t* const end = packet.data() + packet.size();
  const int used = dn_expand(packet.data(), end, rdata.data(), text.data(), static_cast<int>(text.size()));
  if (used < 0 || static_cast<std::size_t>(used) > rdata.size()) return std::nullopt;
  if (text[0] == '\0') return DnsName{};
  const auto name = DnsName::parse(text.data());
  return name ? std::optional(*name) : std::nullopt;
}

std::string address_in(const Record& record) {
  const bool v4 = record.type == ns_t_a && record.rdata.size() == sizeof(in_addr);
  const bool v6 = record.type == ns_t_aaaa && record.rdata.size() == sizeof(in6_addr);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (!v4 && !v6) return {};
  if (inet_ntop(v4 ? AF_INET : AF_INET6, record.rdata.data(), text.data(), text.size()) == nullptr) return {};
  return text.data();
}

// RFC 4034 section 3.1: type covered, algorithm, labels, original TTL, expiration, inception, key tag; then the signer.
constexpr std::size_t signature_fixed_part = 18;

bool is_signature(const Record& record) {
  return record.type == ns_t_rrsig && record.rdata.size() > signature_fixed_part;
}

}  // namespace

std::optional<std::vector<NamedServer>> read_delegation(std::span<const std::uint8_t> packet, const DnsName& apex,
                                                        const DnsName& parent) {
  std::map<DnsName, NamedServer> servers;
  bool all_readable = true;
  all_readable =
      for_each_record(packet, {ns_s_an, ns_s_ns},
                      [&](const Record& record) {
                        if (record.type != ns_t_ns || record.name != apex) return;
                        const auto name = name_in(packet, record.rdata);
                        if (!name) {
                          all_readable = false;
                          return;
                        }
                        NamedServer& server = servers.try_emplace(*name, NamedServer{*name, {}, {}}).first->second;
                        server.ttl = std::max(server.ttl, std::min(record.ttl, longest_unsigned_ttl));
                      }) &&
      all_readable;
  const bool glue_readable = for_each_record(packet, {ns_s_ar}, [&](const Record& record) {
    if (!record.name || !record.name->is_below_or_equal(parent)) return;
    const auto server = servers.find(*record.name);
    const std::string address = server == servers.end() ? std::string() : address_in(record);
    if (address.empty()) return;
    Seconds& ttl = server->second.glue.try_emplace(address).first->second;
    ttl = std::max(ttl, std::min(record.ttl, longest_unsigned_ttl));
  });
  if (!all_readable || !glue_readable) return std::nullopt;
  std::vector<NamedServer> all;
  all.reserve(servers.size());
  for (auto& [name, server] : servers) all.push_back(std::move(server));
  return all;
}

std::optional<DnsName> read_parent(std::span<const std::uint8_t> packet, const DnsName& apex) {
  std::optional<DnsName> parent;
  const auto take = [&](const DnsName& zone) {
    if (zone == apex || !apex.is_below_or_equal(zone)) return;
    if (!parent || zone.is_below_or_equal(*parent)) parent = zone;
  };
  for_each_record(packet, {ns_s_an}, [&](const Record& record) {
    if (record.name != apex || !is_signature(record)) return;
    if ((record.rdata[0] << 8 | record.rdata[1]) != ns_t_ds) return;
    if (const auto signer = name_in(packet, record.rdata.subspan(signature_fixed_part))) take(*signer);
  });
  if (parent) return parent;
  for_each_record(packet, {ns_s_ns}, [&](const Record& record) {
    if (record.type == ns_t_soa && record.name) take(*record.name);
  });
  return parent;
}

std::vector<DnsName> read_name_servers(std::span<const std::uint8_t> packet, const DnsName& zone) {
  std::vector<DnsName> names;
  for_each_record(packet, {ns_s_an}, [&](const Record& record) {
    if (record.type != ns_t_ns || record.name != zone) return;
    if (auto name = name_in(packet, record.rdata)) names.push_back(*std::move(name));
  });
  return names;
}

Seconds read_longest_ttl(std::span<const std::uint8_t> packet) {
  Seconds longest{0};
  for_each_record(packet, {ns_s_an}, [&](const Record& record) {
    const Seconds ttl = is_signature(record) ? Seconds{ns_get32(record.rdata.data() + 4)} : record.ttl;
    longest = std::max(longest, std::min(ttl, longest_unsigned_ttl));
  });
  return longest;
}

}  // namespace danectl
