#include "app/verbs/issuers.hpp"

#include "app/roll/observe.hpp"
#include "app/store/store.hpp"
#include "app/verbs/records.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

struct Issuer {
  Certificate certificate;
  std::string where;  // "deployed", "candidate, issuers"
};

class Issuers {
 public:
  explicit Issuers(const LineageConfig& lineage) : lineage_(lineage) {}

  // The trust anchor of a chain.
  void take(const Chain& chain, const std::string& where) {
    if (chain.certificates.size() < 2) return;
    const bool closed = keys_of(chain, lineage_).anchor.has_value();
    if (!lineage_.append_root.empty() && !closed) return;  // by none of the roots: nothing that a record could name
    add(!lineage_.append_root.empty() ? chain.certificates.back() : chain.certificates[1], where);
  }

  void add(const Certificate& certificate, const std::string& where) {
    const auto known = std::find_if(all_.begin(), all_.end(),
                                    [&](const Issuer& issuer) { return issuer.certificate.key == certificate.key; });
    if (known == all_.end()) {
      all_.push_back({certificate, where});
    } else if (known->where.find(where) == std::string::npos) {
      known->where += ", " + where;
    }
  }

  [[nodiscard]] const std::vector<Issuer>& all() const { return all_; }

 private:
  const LineageConfig& lineage_;
  std::vector<Issuer> all_;
};

Issuers seen(const LineageConfig& lineage, const Facts& facts) {
  Issuers issuers(lineage);
  if (facts.deployed) issuers.take(facts.deployed->chain, "deployed");
  if (facts.certbot) issuers.take(facts.certbot->chain, "certbot");
  if (facts.next && facts.next->issued) issuers.take(facts.next->issued->chain, "next");
  for (const CandidateFact& candidate : facts.candidates) {
    if (candidate.kept) issuers.take(candidate.kept->chain, "candidate");
  }
  for (const Certificate& certificate : lineage.further_issuers) issuers.add(certificate, "issuers");
  return issuers;
}

// Those that name an issuer; for a lineage without any the one that is to be recommended.
std::vector<Group> groups_of(const LineageConfig& lineage) {
  std::vector<Group> groups;
  for (const Group& group : lineage.profile) {
    if (group.usage == 2) groups.push_back(group);
  }
  return groups.empty() ? std::vector<Group>{Group{2, 1, 1}} : groups;
}

std::string presence_text(const OwnerLook& look, const Association& association) {
  const Sighting found = sighting(look, association);
  switch (found.presence) {
    case Presence::everywhere:
      return "published";
    case Presence::lacking:
      return "missing";
    case Presence::unknown:
      break;
  }
  return "not known" + (found.reasons.empty() ? std::string() : ": " + found.reasons.front());
}

std::string text_of(const LineageConfig& lineage, const Issuer& issuer, const Look& look) {
  std::string text = fmt::format("  {}\n    in: {}; ends {}\n", issuer.certificate.subject, issuer.where,
                                 to_rfc3339(issuer.certificate.not_after));
  for (const Group& group : groups_of(lineage)) {
    const Association association = association_of(issuer.certificate.key, group);
    text += fmt::format("    {}\n", association.text());
    for (const OwnerLook& one : look.owners) {
      text += fmt::format("      {}: {}\n", one.owner.text(), presence_text(one, association));
    }
  }
  return text;
}

Status show(const Workshop& shop, const LineageConfig& lineage, const Look& look) {
  auto state = load_state(shop.files(), shop.paths(), lineage.name);
  if (!state) return state.error();
  const auto facts = observe(shop, lineage, *std::move(state), look);
  if (!facts) return facts.error();
  shop.output.out << fmt::format("{}{}\n", lineage.name,
                                 lineage.names_issuers() ? "" : ": its profile names no issuer; the records would be");
  const Issuers issuers = seen(lineage, *facts);
  for (const Issuer& issuer : issuers.all()) shop.output.out << text_of(lineage, issuer, look);
  if (issuers.all().empty()) shop.output.out << "  no chain with an issuer was found\n";
  return {};
}

}  // namespace

int issuers(const IssuersOptions& options, const Workshop& shop) {
  const auto lineages = choose_lineages(shop.settings, options.names);
  if (!lineages) return exit_with(lineages.error(), shop.output);
  const Look look = look_or_none(shop, owners_of(*lineages));
  int code = exit_done;
  for (const LineageConfig& lineage : *lineages) {
    if (auto shown = show(shop, lineage, own_look(lineage, look)); !shown) {
      code = worse(code, exit_with(lineage.name, shown.error(), shop.output));
    }
  }
  const auto wanted = wanted_of(shop, *lineages, look);
  if (!wanted) return worse(code, exit_with(wanted.error(), shop.output));
  shop.output.out << "; the wanted records\n" << zone_text(*wanted, shop.config());
  warn_of_held(shop, *wanted);
  return code;
}

namespace {

class IssuersVerb : public VerbWith<IssuersOptions, issuers> {
 public:
  IssuersVerb()
      : VerbWith("issuers", "the CAs of the chains, and whether the records that name them are published",
                 Purpose::show) {}

  std::string example() const override { return "danectl issuers mx.example.com"; }

  void declare(OptionList& options) override { options.names(options_.names); }
};

}  // namespace

std::unique_ptr<Verb> issuers_verb() {
  return std::make_unique<IssuersVerb>();
}

}  // namespace danectl
