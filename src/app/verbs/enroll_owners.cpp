#include "app/verbs/enroll_owners.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace danectl {
namespace {

bool contains(const std::vector<DnsName>& owners, const DnsName& owner) {
  return std::find(owners.begin(), owners.end(), owner) != owners.end();
}

// Whether the hosts of these owners are aliases. Of the looks nothing but the owner is needed for that.
Inspection inspect_hosts(const Workshop& shop, const std::vector<DnsName>& owners) {
  std::vector<OwnerLook> looks;
  for (const DnsName& owner : owners) looks.emplace_back().owner = owner;
  return shop.world.inspector(shop.config())->inspect(looks);
}

// Bogus answers tell no more than none.
Status check_known(const Inspection& inspection, const ProbeUrl& url) {
  for (const HostInspection& host : inspection.hosts) {
    if (host.host != url.host) continue;
    if (host.addresses == Dnssec::secure || host.addresses == Dnssec::insecure) return {};
    return not_yet(fmt::format("it is not known whether {} is an alias, so the owner of its records is not known{}{}",
                               url.host.text(), host.why.empty() ? "" : ": ", host.why),
                   fmt::format("try again when DNS answers; or, if it is no alias, name the owner, too: --tlsa {}",
                               url.owner().text()));
  }
  return {};
}

void say_owner(const Workshop& shop, const ProbeUrl& named, const ProbeUrl& url) {
  if (shop.output.verbosity == Verbosity::quiet) return;
  shop.output.out << fmt::format(
      "{} is an alias of {}: senders look for records at {} first, so owner and probe are of that name\n",
      named.host.text(), url.host.text(), url.owner().text());
}

void warn_of_owner(const Workshop& shop, const DnsName& owner, const DnsName& expanded, const std::string& file) {
  const auto named = parse_owner(owner);
  const auto used = parse_owner(expanded);
  if (!named || !used) return;
  shop.output.warn(
      fmt::format("{} is an alias of {}: senders look for records at {} first, and use those at {} only while there "
                  "are none (RFC 7672 section 2.2.3)",
                  named->host.text(), used->host.text(), expanded.text(), owner.text()),
      fmt::format("if you may publish there, put \"{}\" in place of \"{}\" into `tlsa` of {} before anything is "
                  "published",
                  expanded.text(), owner.text(), file));
}

// "mx.example.com" of "mx.example.com.example.com"; nothing: no zone stands in it twice.
std::optional<DnsName> without_doubled_zone(const DnsName& host) {
  for (DnsName zone = host.parent(); !zone.parent().is_root(); zone = zone.parent()) {
    const std::string doubled = "." + zone.text() + "." + zone.text();
    if (!host.text().ends_with(doubled)) continue;
    const auto once = DnsName::parse(host.text().substr(0, host.text().size() - zone.text().size() - 1));
    if (once) return *once;
  }
  return std::nullopt;
}

// The owner of the same port and protocol, in quotes. A name that is too long cannot be one.
std::string quoted_instead(const OwnerParts& parts, const DnsName& host) {
  const auto owner = owner_at(parts, host);
  return fmt::format("\"{}\"", owner ? owner->text() : host.text());
}

// Where a person corrects an owner.
struct Correction {
  std::string file;
  bool in_probe = false;  // the host stands there, too

  [[nodiscard]] std::string put(const std::string& right) const {
    return fmt::format("put {} into `tlsa`{} of {}", right, in_probe ? " and its host into `probe`" : "", file);
  }
  [[nodiscard]] std::string ask() const {
    return fmt::format("is the name right? if not, correct `tlsa`{} in {} before anything is published",
                       in_probe ? " and `probe`" : "", file);
  }
};

void ask_about_address(const Workshop& shop, const DnsName& owner, const OwnerParts& parts,
                       const Correction& correction) {
  const auto once = without_doubled_zone(parts.host);
  const bool one_label = parts.host.parent().is_root();
  shop.output.warn(
      fmt::format("{} has neither an A nor an AAAA record, so no sender comes to {}", parts.host.text(), owner.text()),
      once        ? fmt::format("is its zone there twice? then {} before anything is published",
                                correction.put(quoted_instead(parts, *once)))
      : one_label ? "is its domain missing? no search list is used: " + correction.put("the whole name")
                  : correction.ask() + "; if it is, give the host its address");
}

// Where mail to the host goes, when that is elsewhere; empty: it comes to the host, or that is not known.
std::vector<DnsName> exchanges_elsewhere(const Inspection& inspection, const HostInspection& host) {
  const bool is_exchange = std::any_of(inspection.mx.begin(), inspection.mx.end(),
                                       [&](const MxInspection& mx) { return mx.host == host.host; });
  return is_exchange ? std::vector<DnsName>{} : host.exchanges;
}

void ask_about_exchange(const Workshop& shop, const DnsName& owner, const OwnerParts& parts,
                        const std::vector<DnsName>& exchanges, const Correction& correction) {
  if (exchanges.front().is_root()) {  // RFC 7505
    return shop.output.warn(fmt::format("{} takes no mail, as its MX record says", parts.host.text()),
                            correction.ask());
  }
  std::vector<std::string> names;
  names.reserve(exchanges.size());
  for (const DnsName& exchange : exchanges) names.push_back(exchange.text());
  shop.output.warn(fmt::format("the MX of {} is {}: senders look for records there, and never at {}", parts.host.text(),
                               fmt::join(names, ", "), owner.text()),
                   fmt::format("is {} the mail domain? then {} before anything is published", parts.host.text(),
                               correction.put(quoted_instead(parts, exchanges.front()))));
}

// A person named the owner or its host, and may have meant another: what DNS has at the host is told.
void ask_about(const Workshop& shop, const Inspection& inspection, const DnsName& owner, const Correction& correction) {
  constexpr std::uint16_t smtp = 25;
  const auto parts = parse_owner(owner);
  if (!parts) return;
  for (const HostInspection& host : inspection.hosts) {
    if (host.host != parts->host) continue;
    const auto elsewhere = exchanges_elsewhere(inspection, host);
    if (parts->port == smtp && !elsewhere.empty()) {
      ask_about_exchange(shop, owner, *parts, elsewhere, correction);
    } else if (host.has_address == false) {
      ask_about_address(shop, owner, *parts, correction);
    }
  }
}

}  // namespace

Status find_owners(const Workshop& shop, LineageConfig& lineage, const std::string& file) {
  const std::vector<DnsName> named = lineage.tlsa;
  std::vector<DnsName> owners = named;
  for (const ProbeUrl& url : lineage.probe) {
    if (!contains(owners, url.owner())) owners.push_back(url.owner());
  }
  const Inspection inspection = inspect_hosts(shop, owners);
  for (ProbeUrl& url : lineage.probe) {
    if (contains(named, url.owner())) continue;
    if (auto known = check_known(inspection, url); !known) return known;
    ask_about(shop, inspection, url.owner(), {file, true});
    if (const auto expanded = expanded_owner(url.owner(), inspection)) {
      const ProbeUrl before = url;
      url.host = parse_owner(*expanded)->host;
      say_owner(shop, before, url);
    }
    if (!contains(lineage.tlsa, url.owner())) lineage.tlsa.push_back(url.owner());
  }
  for (const DnsName& owner : named) {
    const auto expanded = expanded_owner(owner, inspection);
    if (expanded && !contains(lineage.tlsa, *expanded)) warn_of_owner(shop, owner, *expanded, file);
    ask_about(shop, inspection, owner, {file, false});
  }
  return {};
}

}  // namespace danectl
