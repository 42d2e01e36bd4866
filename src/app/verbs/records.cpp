#include "app/verbs/records.hpp"

#include "app/publish/asking_servers.hpp"
#include "app/publish/publisher.hpp"
#include "app/store/leftovers.hpp"
#include "app/store/observe_files.hpp"
#include "app/store/store.hpp"
#include "core/rollover/retiring.hpp"

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
int say_unknown_names(const Workshop& shop, const std::vector<WantedRRset>& shown, const Look& look,
                      RecordFormat format) {
  int code = exit_done;
  for (const WantedRRset& rrset : shown) {
    const OwnerLook* one = look_of(look.owners, rrset.owner);
    if (rrset.canonical_is == WantedRRset::Canonical::seen || rrset.records.empty() || one == nullptr) continue;
    if (format == RecordFormat::nsupdate) {
      code = exit_with(not_yet(fmt::format("the records of {} are left out, since it is not known whether it is an "
                                           "alias: {}",
                                           rrset.owner.text(), one->why),
                               std::string(what_to_do(one->dnssec))),
                       shop.output);
    } else {
      const std::string where =
          rrset.canonical == rrset.owner ? "the owner itself" : rrset.canonical.text() + ", where it led before";
      shop.output.warn(one->why,
                       fmt::format("its records are printed at {}, with the TTL of the configuration", where));
    }
  }
  return code;
}

void note_if_possible(const Workshop& shop, const std::vector<WantedRRset>& shown);

int say_what_is_held(const Workshop& shop, const std::vector<WantedRRset>& wanted) {
  int code = exit_done;
  for (const WantedRRset& rrset : wanted) {
    if (rrset.held) code = exit_with(*rrset.held, shop.output);
  }
  return code;
}

int print(const RecordsOptions& options, const Workshop& shop, const std::vector<WantedRRset>& wanted,
          const Look& look) {
  const auto shown = options.only ? only(wanted, *options.only) : wanted;
  if (!options.only) note_if_possible(shop, wanted);
  shop.output.out << records_text(shown, options.format, shop.config());
  return worse(say_unknown_names(shop, shown, look, options.format), say_what_is_held(shop, wanted));
}

// Whether the owner is this name or its CNAMEs lead through it; where there is no answer now, as it was before.
bool leads_to(const Workshop& shop, const OwnerLook& look, const DnsName& name) {
  const auto& chain = look.chain;
  if (!chain.empty()) return std::find(chain.begin(), chain.end(), name) != chain.end();
  return look.owner == name || shop.book->canonical(look.owner) == name;
}

// The canonical names of what leads to one of `names`.
Result<std::set<DnsName>> ends_of(const Workshop& shop, const std::vector<DnsName>& names, const Look& look) {
  std::set<DnsName> ends;
  for (const DnsName& name : names) {
    const OwnerLook* unanswered = nullptr;
    bool found = false;
    for (const OwnerLook& one : look.owners) {
      if (leads_to(shop, one, name)) {
        found = true;
        ends.insert(shop.book->canonical(one.owner));
      } else if (one.dnssec == Dnssec::unknown) {
        unanswered = &one;
      }
    }
    if (found) continue;
    if (unanswered != nullptr) {
      return not_yet(fmt::format("whether a lineage leads to {} is not known: {}: {}", name.text(),
                                 unanswered->owner.text(), unanswered->why),
                     std::string(what_to_do(unanswered->dnssec)));
    }
    return failed(fmt::format("no lineage leads to {}", name.text()),
                  "the name must be the owner of an enrolled lineage, or an owner must be an alias (CNAME) of it; "
                  "`danectl records` shows all owners");
  }
  return ends;
}

// The RRset is not complete when an owner that gave no answer leads there, too.
int say_what_may_be_missing(const Workshop& shop, const std::set<DnsName>& ends, const Look& look) {
  int code = exit_done;
  for (const OwnerLook& one : look.owners) {
    if (one.dnssec != Dnssec::unknown || ends.contains(shop.book->canonical(one.owner))) continue;
    code = exit_with(not_yet(fmt::format("records may be missing, since it is not known where {} leads: {}",
                                         one.owner.text(), one.why),
                             "do not replace the published records; " + std::string(what_to_do(one.dnssec))),
                     shop.output);
  }
  return code;
}

// Any lineage may lead there, so that all are asked.
int records_at(const RecordsOptions& options, const Workshop& shop) {
  const std::vector<LineageConfig>& all = shop.settings.lineages;
  const Look look = all.empty() ? Look{} : look_or_none(shop, owners_of(all));
  if (auto loaded = load_all_ledgers(shop); !loaded) return exit_with(loaded.error(), shop.output);
  const auto ends = ends_of(shop, options.owners, look);
  if (!ends) return exit_with(ends.error(), shop.output);
  std::vector<LineageConfig> lineages = all;
  std::erase_if(lineages, [&](const LineageConfig& lineage) {
    return std::none_of(lineage.tlsa.begin(), lineage.tlsa.end(),
                        [&](const DnsName& owner) { return ends->contains(shop.book->canonical(owner)); });
  });
  auto wanted = wanted_of(shop, lineages, look);
  if (!wanted) return exit_with(wanted.error(), shop.output);
  for (WantedRRset& rrset : *wanted) {
    if (rrset.canonical_is == WantedRRset::Canonical::seen) continue;
    rrset.canonical = shop.book->canonical(rrset.owner);
    rrset.ttl = publish_for(shop.config(), rrset.canonical).ttl;
  }
  std::erase_if(*wanted, [&](const WantedRRset& rrset) { return !ends->contains(rrset.canonical); });
  return worse(print(options, shop, *wanted, look), say_what_may_be_missing(shop, *ends, look));
}

}  // namespace

namespace {

// The lineages on a name, as their files show them.
Result<std::vector<LineageOn>> lineages_at(const Workshop& shop, const DnsName& name, const Instant& now) {
  std::vector<LineageOn> lineages;
  for (const LineageConfig* const lineage : shop.by_name->at(name, shop.settings.lineages, *shop.book, now)) {
    const auto facts = observe_settled(shop, *lineage);
    if (!facts) return facts.error();
    if (!facts->deployed) continue;  // never enrolled here
    lineages.push_back(lineage_on(*facts, *lineage, {}, now));
  }
  return lineages;
}

bool knows(const LineageOn& lineage, const Association& record) {
  return std::any_of(lineage.known.begin(), lineage.known.end(),
                     [&](const KnownRecord& known) { return known.association == record; });
}

// Every RRset that comes of it has what is published and known here, so that nothing is lost where a person puts it in
// the place of what is there. A record that may not be added yet is left out; of first records the probes are asked.
void fill(const Workshop& shop, WantedRRset& rrset, const Place& place) {
  ChangeRule rule{.only = DnsChange::Does::add};
  ChangePlan plan = next_change(place, rule);
  if (plan.change && plan.ask_probes) {
    const Shown shown = ask_servers(shop, place);
    rule.shown = &shown;
    plan = next_change(place, rule);
    const bool all = plan.change && plan.change->records.size() == plan.missing.size();
    if (!all) rrset.held = not_begun(shop, place, plan.objections);
  }
  const std::vector<Version> given = given_versions(place.ledger);
  const auto may_stand = [&](const Association& record) {
    const bool missing = contains(plan.missing, record);
    const bool added = plan.change && contains(plan.change->records, record);
    return !missing || added || given.empty() || !place.unanswered.empty();
  };
  for (const LineageOn& lineage : place.lineages) {
    for (const Wanted& wanted : lineage.wanted) {
      if (may_stand(wanted.association)) rrset.add(wanted.association, wanted.role, lineage.name);
    }
    for (const Association& record : plan.left) {
      if (knows(lineage, record) && !is_going(place.ledger, record))
        rrset.add(record, RecordRole::retiring, lineage.name);
    }
  }
  for (const Version& version : given) {
    if (!version.from_wildcard) continue;
    for (const Association& record : version.records) {
      const bool there = std::any_of(rrset.records.begin(), rrset.records.end(),
                                     [&](const WantedRecord& known) { return known.association == record; });
      if (!there) rrset.add(record, RecordRole::retiring, "the wildcard above, which this RRset hides");
    }
  }
}

}  // namespace

Result<std::vector<WantedRRset>> wanted_of(const Workshop& shop, const std::vector<LineageConfig>& lineages,
                                           const Look& look) {
  if (auto loaded = load_all_ledgers(shop); !loaded) return loaded.error();
  const Instant now = shop.world.clock.now();
  std::vector<WantedRRset> rrsets;
  for (const DnsName& owner : owners_of(lineages)) {
    const OwnerLook* const seen = look_of(look.owners, owner);
    WantedRRset rrset;
    rrset.owner = owner;
    rrset.canonical = seen == nullptr ? owner : seen->canonical();
    if (seen != nullptr) rrset.zone = zone_of(*seen);
    const bool unknown = seen == nullptr || seen->chain.empty();
    rrset.canonical_is = unknown ? WantedRRset::Canonical::unknown : WantedRRset::Canonical::seen;
    const DnsName end = shop.book->canonical(owner);
    auto sharing = lineages_at(shop, end, now);
    if (!sharing && lineages.size() == 1) return sharing.error();
    if (!sharing) {
      return not_yet(fmt::format("records may be missing, because it is not known what else belongs at {}: {}",
                                 end.text(), sharing.error().what),
                     "do not replace the published records");
    }
    Place place{end, shop.book->ledger(end), {}, *std::move(sharing)};
    if (unknown) place.unanswered.push_back({.kind = Objection::Kind::not_asked, .owner = end});
    rrset.ttl = ttl_at(shop, place);
    fill(shop, rrset, place);
    rrsets.push_back(std::move(rrset));
  }
  return rrsets;
}

void warn_of_held(const Workshop& shop, const std::vector<WantedRRset>& wanted) {
  for (const WantedRRset& rrset : wanted) {
    if (rrset.held) shop.output.warn(rrset.held->what, rrset.held->hint);
  }
}

Status note_as_asked(const Workshop& shop, const std::vector<WantedRRset>& shown) {
  for (const WantedRRset& rrset : by_canonical_name(shown)) {
    const Ledger ledger = shop.book->ledger(rrset.canonical);
    const std::vector<RRset> given = standing_rrsets(ledger);
    if (!is_by_hand(shop, rrset.canonical) || given.empty()) continue;
    RRset printed;
    for (const WantedRecord& record : rrset.records) printed.push_back(record.association);
    // It is added to what is there, or put in its place.
    std::set<RRset> outcomes{printed};
    for (const RRset& there : given) {
      std::set<Association> all(there.begin(), there.end());
      all.insert(printed.begin(), printed.end());
      outcomes.insert(RRset(all.begin(), all.end()));
    }
    Ledger noted = ledger;
    for (RRset outcome : outcomes) {
      std::sort(outcome.begin(), outcome.end());
      const bool news = std::find(given.begin(), given.end(), outcome) == given.end();
      if (news) noted = with_asked(std::move(noted), std::move(outcome), rrset.ttl, given);
    }
    shop.book->replace(std::move(noted));
  }
  return shop.book->save(shop.files(), shop.paths());
}

namespace {

// Who may not write the state only reads; somebody else then puts the records into DNS.
void note_if_possible(const Workshop& shop, const std::vector<WantedRRset>& shown) {
  const bool any = std::any_of(shown.begin(), shown.end(),
                               [&](const WantedRRset& rrset) { return is_by_hand(shop, rrset.canonical); });
  if (!any) return;
  const auto lock = open_cleared_store(shop, short_wait);
  const Status noted = lock ? note_as_asked(shop, shown) : Status(lock.error());
  if (noted || noted.error().kind == ErrorKind::no_permission) return;
  shop.output.warn(
      noted.error().what,
      "danectl could not note that these records are asked for: print them again before you put them into DNS");
}

}  // namespace

int records(const RecordsOptions& options, const Workshop& shop) {
  if (!options.owners.empty()) return records_at(options, shop);
  const auto lineages = choose_lineages(shop.settings, options.names);
  if (!lineages) return exit_with(lineages.error(), shop.output);
  if (lineages->empty()) {
    shop.output.warn("no lineage is enrolled", "danectl enroll NAME --tlsa _25._tcp.HOST");
    shop.output.out << records_text({}, options.format, shop.config());
    return exit_done;
  }
  const Look look = look_or_none(shop, owners_of(*lineages));
  const auto wanted = wanted_of(shop, *lineages, look);
  if (!wanted) return exit_with(wanted.error(), shop.output);
  return print(options, shop, *wanted, look);
}

namespace {

class RecordsVerb : public VerbWith<RecordsOptions, records> {
 public:
  RecordsVerb() : VerbWith("records", "the TLSA records that should be published", Purpose::show) {}

  std::string example() const override {
    return "danectl records mx.example.com --format nsupdate | nsupdate -k /etc/danectl/tsig.key";
  }

  void declare(OptionList& options) override {
    options.names(options_.names);
    options.value("--format", format_, "format of the output (default: zone)", "zone|nsupdate|rfc3597|json");
    options.value("--only", only_, "only records with this role", "current|next|candidate|retiring");
    options.values("--owner", owners_,
                   "the whole RRset at this name, for all lineages that lead to it; in place of NAME (repeat)",
                   "OWNER");
  }

  Status finish() override {
    const auto format = parse_record_format(format_);
    if (!format) return unusable_value("--format", format.error());
    options_.format = *format;
    for (const std::string& text : owners_) {
      auto owner = DnsName::parse(text);
      if (!owner) return invalid("--owner: " + owner.error().what, "a name in DNS: tlsa._dane.example.net");
      options_.owners.push_back(*std::move(owner));
    }
    if (!options_.owners.empty() && !options_.names.empty()) {
      return invalid("--owner and NAME exclude each other", "--owner takes all lineages that lead to the name");
    }
    if (only_.empty()) return {};
    const auto role = parse_record_role(only_);
    if (!role) return unusable_value("--only", role.error());
    options_.only = *role;
    return {};
  }

 private:
  std::string format_ = "zone";
  std::string only_;
  std::vector<std::string> owners_;
};

}  // namespace

std::unique_ptr<Verb> records_verb() {
  return std::make_unique<RecordsVerb>();
}

}  // namespace danectl
