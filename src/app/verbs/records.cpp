#include "app/verbs/records.hpp"

#include "app/frame/exit_code.hpp"
#include "app/publish/sharing.hpp"
#include "app/store/generations.hpp"
#include "core/rollover/publication.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

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
      const std::string where =
          rrset.canonical == rrset.owner ? "the owner itself" : rrset.canonical.text() + ", where it led before";
      shop.output.warn(look->why,
                       fmt::format("its records are printed at {}, with the TTL of the configuration", where));
    }
  }
  return code;
}

int print(const RecordsOptions& options, const Workshop& shop, const std::vector<WantedRRset>& wanted,
          const std::vector<OwnerLook>& looks) {
  const auto shown = options.only ? only(wanted, *options.only) : wanted;
  shop.output.out << records_text(shown, options.format, shop.config());
  return say_unknown_names(shop, shown, looks, options.format);
}

int troubled(const Workshop& shop, const Error& error) {
  shop.output.trouble(error);
  return exit_code(error.kind);
}

// Whether the owner is this name or its CNAMEs lead through it; where there is no answer now, as it was before.
bool leads_to(const Workshop& shop, const OwnerLook& look, const DnsName& name) {
  const auto& chain = look.chain;
  if (!chain.empty()) return std::find(chain.begin(), chain.end(), name) != chain.end();
  return look.owner == name || shop.aliases->canonical(look.owner) == name;
}

// The canonical names of what leads to one of `names`.
Result<std::set<DnsName>> ends_of(const Workshop& shop, const std::vector<DnsName>& names,
                                  const std::vector<OwnerLook>& looks) {
  std::set<DnsName> ends;
  for (const DnsName& name : names) {
    const OwnerLook* unanswered = nullptr;
    bool found = false;
    for (const OwnerLook& look : looks) {
      if (leads_to(shop, look, name)) {
        found = true;
        ends.insert(shop.aliases->canonical(look.owner));
      } else if (look.dnssec == Dnssec::unknown) {
        unanswered = &look;
      }
    }
    if (found) continue;
    if (unanswered != nullptr) {
      return not_yet(fmt::format("whether a lineage leads to {} is not known: {}: {}", name.text(),
                                 unanswered->owner.text(), unanswered->why),
                     std::string(what_to_do(unanswered->dnssec)));
    }
    return failed(
        fmt::format("no lineage leads to {}", name.text()),
        "it must be the owner of an enrolled lineage, or one must be an alias (CNAME) of it; `danectl records` "
        "shows them all");
  }
  return ends;
}

// The RRset is not complete when an owner that gave no answer leads there, too.
int say_what_may_be_missing(const Workshop& shop, const std::set<DnsName>& ends, const std::vector<OwnerLook>& looks) {
  int code = exit_done;
  for (const OwnerLook& look : looks) {
    if (look.dnssec != Dnssec::unknown || ends.contains(shop.aliases->canonical(look.owner))) continue;
    shop.output.trouble(not_yet(
        fmt::format("records may be missing, since it is not known where {} leads: {}", look.owner.text(), look.why),
        "put nothing in the place of what is published; " + std::string(what_to_do(look.dnssec))));
    code = exit_not_yet;
  }
  return code;
}

// Any lineage may lead there, so that all are asked.
int records_at(const RecordsOptions& options, const Workshop& shop) {
  const std::vector<LineageConfig>& all = shop.settings.lineages;
  const std::vector<OwnerLook> looks = all.empty() ? std::vector<OwnerLook>() : looks_or_none(shop, owners_of(all));
  learn_aliases(shop);
  const auto ends = ends_of(shop, options.owners, looks);
  if (!ends) return troubled(shop, ends.error());
  std::vector<LineageConfig> lineages = all;
  std::erase_if(lineages, [&](const LineageConfig& lineage) {
    return std::none_of(lineage.tlsa.begin(), lineage.tlsa.end(),
                        [&](const DnsName& owner) { return ends->contains(shop.aliases->canonical(owner)); });
  });
  auto wanted = wanted_of(shop, lineages, looks);
  if (!wanted) return troubled(shop, wanted.error());
  for (WantedRRset& rrset : *wanted) {
    if (rrset.canonical_is == WantedRRset::Canonical::seen) continue;
    rrset.canonical = shop.aliases->canonical(rrset.owner);
    rrset.ttl = publish_for(shop.config(), rrset.canonical).ttl;
  }
  std::erase_if(*wanted, [&](const WantedRRset& rrset) { return !ends->contains(rrset.canonical); });
  return worse(print(options, shop, *wanted, looks), say_what_may_be_missing(shop, *ends, looks));
}

}  // namespace

Result<std::vector<WantedRRset>> wanted_of(const Workshop& shop, const std::vector<LineageConfig>& lineages,
                                           const std::vector<OwnerLook>& looks) {
  const std::vector<DnsName> owners = owners_of(lineages);
  const auto sharing = Sharing::on(shop, owners);
  if (!sharing) return sharing.error();
  for (const LineageWants& one : sharing->wants()) {
    if (one.state.current) continue;
    const auto deployed = read_deployed(shop.files(), shop.paths(), one.lineage.name);
    if (deployed && !*deployed) continue;  // never enrolled here
    return not_yet(
        fmt::format("records may be missing, since nothing is known of the keys of {}", one.lineage.name),
        fmt::format("danectl stage {} finds them in the files; put nothing in the place of what is published",
                    one.lineage.name));
  }
  std::vector<WantedRRset> rrsets = wanted_rrsets(sharing->wants(), looks, shop.config());
  drop_what_goes(rrsets, sharing->wants());
  drop_what_would_begin_a_kind(rrsets, sharing->wants(), looks);
  add_digests_that_are_left(rrsets, sharing->wants(), looks);
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
  if (!options.owners.empty()) return records_at(options, shop);
  const auto lineages = choose_lineages(shop.settings, options.names);
  if (!lineages) return troubled(shop, lineages.error());
  if (lineages->empty()) {
    shop.output.warn("no lineage is enrolled", "danectl enroll NAME --tlsa _25._tcp.HOST");
    shop.output.out << records_text({}, options.format, shop.config());
    return exit_done;
  }
  const std::vector<OwnerLook> looks = looks_or_none(shop, owners_of(*lineages));
  const auto wanted = wanted_of(shop, *lineages, looks);
  if (!wanted) return troubled(shop, wanted.error());
  return print(options, shop, *wanted, looks);
}

}  // namespace danectl
