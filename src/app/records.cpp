#include "app/records.hpp"

#include "app/exit_code.hpp"
#include "app/sharing.hpp"
#include "core/wanted.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

std::string_view what_to_do(Dnssec dnssec) {
  switch (dnssec) {
    case Dnssec::insecure:
      return "sign the zone with DNSSEC first: without it no sender looks at TLSA records";
    case Dnssec::bogus:
      return "mend DNSSEC of the zone first";
    case Dnssec::secure:
    case Dnssec::unknown:
      break;
  }
  return "try again when the resolver answers";
}

// An owner may be an alias, and records belong where it ends. A person who reads a warning may know better; a script
// for nsupdate must not be wrong.
int say_unknown_names(const Workshop& shop, const std::vector<WantedRRset>& shown, const std::vector<OwnerLook>& looks,
                      RecordFormat format) {
  int code = exit_done;
  for (const WantedRRset& rrset : shown) {
    const OwnerLook* look = look_of(looks, rrset.owner);
    if (rrset.canonical_is == WantedRRset::Canonical::seen || rrset.records.empty() || look == nullptr) continue;
    if (format == RecordFormat::nsupdate) {
      shop.output.trouble(not_yet(fmt::format("the records of {} are left out, since it is not known whether it is an "
                                              "alias: {}",
                                              rrset.owner.text(), look->why),
                                  std::string(what_to_do(look->dnssec))));
      code = exit_not_yet;
    } else {
      shop.output.warn(look->why, "its records are printed at the owner itself, with the TTL of the configuration");
    }
  }
  return code;
}

}  // namespace

Result<std::vector<WantedRRset>> wanted_of(const Workshop& shop, const std::vector<LineageConfig>& lineages,
                                           const std::vector<OwnerLook>& looks) {
  const std::vector<DnsName> owners = owners_of(lineages);
  const auto sharing = Sharing::on(shop, owners);
  if (!sharing) return sharing.error();
  std::vector<WantedRRset> rrsets = wanted_rrsets(sharing->wants(), looks, shop.config().publish.ttl);
  std::erase_if(rrsets, [&](const WantedRRset& rrset) {
    return std::find(owners.begin(), owners.end(), rrset.owner) == owners.end();
  });
  for (WantedRRset& rrset : rrsets) {
    const OwnerLook* look = look_of(looks, rrset.owner);
    if (look == nullptr || look->chain.empty()) rrset.canonical_is = WantedRRset::Canonical::unknown;
  }
  return rrsets;
}

int records(const RecordsOptions& options, const Workshop& shop) {
  const auto lineages = choose_lineages(shop.settings, options.names);
  if (!lineages) {
    shop.output.trouble(lineages.error());
    return exit_code(lineages.error().kind);
  }
  if (lineages->empty()) {
    shop.output.warn("no lineage is enrolled", "danectl enroll NAME --tlsa _25._tcp.HOST");
    shop.output.out << records_text({}, options.format, {});
    return exit_done;
  }
  const std::vector<OwnerLook> looks = looks_or_none(shop, owners_of(*lineages));
  const auto wanted = wanted_of(shop, *lineages, looks);
  if (!wanted) {
    shop.output.trouble(wanted.error());
    return exit_code(wanted.error().kind);
  }
  const auto shown = options.only ? only(*wanted, *options.only) : *wanted;
  shop.output.out << records_text(shown, options.format, shop.config().publish.server);
  return say_unknown_names(shop, shown, looks, options.format);
}

}  // namespace danectl
