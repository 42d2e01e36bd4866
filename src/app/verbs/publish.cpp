#include "app/verbs/publish.hpp"

#include "app/publish/asking_servers.hpp"
#include "app/publish/publisher.hpp"
#include "app/publish/sharing.hpp"
#include "app/roll/roll.hpp"
#include "app/store/each_lineage.hpp"
#include "app/verbs/records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace danectl {
namespace {

// What would be done, or what a person has to do, record by record.
void show_addition(const Workshop& shop, const RRsetChange& change, std::string_view before) {
  const RecordForm form = publish_for(shop, change.owner).form;
  for (const Association& association : change.add) {
    shop.output.out << fmt::format("{}{} {} IN {}\n", before, change.owner.with_dot(), change.ttl.count(),
                                   record_text(association, form));
  }
}

void show_deletion(const Workshop& shop, const Retirement& one, std::string_view before) {
  if (one.verdict != Retirement::Verdict::due && one.verdict != Retirement::Verdict::ask_servers) return;
  const DnsName& canonical = shop.aliases->canonical(one.record.owner);
  shop.output.out << fmt::format("{}{} IN {} ; {}\n", before, canonical.with_dot(),
                                 record_text(one.record.association, publish_for(shop, canonical).form), one.why);
}

std::string where_by_hand(const Workshop& shop, const LineageConfig& lineage) {
  std::set<std::string> names;
  for (const DnsName& owner : lineage.tlsa) {
    if (is_by_hand(shop, owner)) names.insert(shop.aliases->canonical(owner).text());
  }
  return fmt::format("at {} method = \"print\", so nothing was published there", fmt::join(names, ", "));
}

Status publish_by_hand(const Workshop& shop, const LineageConfig& lineage, Roll& roll) {
  if (auto observed = roll.observe_now(); !observed) return observed;
  std::vector<RRsetChange> missing = roll.facts().unpublished;
  std::erase_if(missing, [&](const RRsetChange& change) { return !is_by_hand(shop, change.owner); });
  const std::string said = by_hand(shop, lineage) == ByHand::everything
                               ? "[publish] method = \"print\", so nothing was published"
                               : where_by_hand(shop, lineage);
  Status begun;
  if (std::any_of(missing.begin(), missing.end(), [](const RRsetChange& change) { return change.begins(); })) {
    const auto sharing = Sharing::on(shop, lineage.tlsa, &roll.state());
    if (!sharing) return sharing.error();
    begun = hold_back_what_begins(shop, *sharing, missing);
  }
  const char* const next = !missing.empty() ? "add:" : begun ? "no record is missing" : "add nothing yet";
  shop.output.out << fmt::format("; {}: {}; {}\n", lineage.name, said, next);
  for (const RRsetChange& change : missing) show_addition(shop, change, "");
  for (const Retirement& one : roll.facts().retiring) {
    if (is_by_hand(shop, one.record.owner)) show_deletion(shop, one, "; delete: ");
  }
  return begun;
}

Status publish_to_servers(Roll& roll) {
  if (auto published = roll.publish(); !published) return published;
  return roll.retire(RetireRule::unattended);
}

Status publish_one(const Workshop& shop, const LineageConfig& lineage, const std::vector<OwnerLook>& looks) {
  Roll roll(shop, lineage, looks_of(lineage, looks), RollMode::settle, HoldDown::required);
  if (auto settled = roll.run(); !settled) return settled;
  shop.aliases->note(roll.state());
  const ByHand person = by_hand(shop, lineage);
  Status done;
  if (person != ByHand::everything) done = publish_to_servers(roll);
  // What failed there keeps nobody from doing the rest by hand.
  if (person != ByHand::nothing) {
    if (auto shown = publish_by_hand(shop, lineage, roll); !shown && done) return shown;
  }
  return done;
}

Status preview_one(const Workshop& shop, const LineageConfig& lineage, const std::vector<OwnerLook>& looks) {
  Roll roll(shop, lineage, looks_of(lineage, looks), RollMode::settle, HoldDown::required);
  if (const auto step = roll.preview(); !step) return step.error();
  shop.aliases->note(roll.facts().state);
  for (const RRsetChange& change : roll.facts().unpublished) {
    show_addition(shop, change, is_by_hand(shop, change.owner) ? "by hand: add " : "would add: ");
  }
  for (const Retirement& one : roll.facts().retiring) {
    show_deletion(shop, one, is_by_hand(shop, one.record.owner) ? "by hand: delete " : "would delete: ");
  }
  return {};
}

}  // namespace

int publish(const PublishOptions& options, const Workshop& shop) {
  const auto step = options.dry_run ? preview_one : publish_one;
  return for_each_lineage(
      shop, choose_lineages(shop.settings, options.names),
      [&](const LineageConfig& lineage, const std::vector<OwnerLook>& looks) { return step(shop, lineage, looks); },
      options.dry_run ? Changes::only_shown : Changes::made);
}

}  // namespace danectl
