#include "app/publish.hpp"

#include "app/each_lineage.hpp"
#include "app/records.hpp"
#include "app/roll.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

// What would be done, or what a person has to do, record by record.
void show(const Workshop& shop, const Roll& roll, std::string_view add, std::string_view remove) {
  for (const RRsetChange& change : roll.facts().unpublished) {
    for (const Association& association : change.add) {
      shop.output.out << fmt::format("{}{} {} IN TLSA {}\n", add, change.owner.with_dot(), change.ttl.count(),
                                     association.text());
    }
  }
  for (const Retirement& one : roll.facts().retiring) {
    if (one.verdict != Retirement::Verdict::due && one.verdict != Retirement::Verdict::ask_servers) continue;
    shop.output.out << fmt::format("{}{} IN TLSA {} ; {}\n", remove, one.record.owner.with_dot(),
                                   one.record.association.text(), one.why);
  }
}

Status publish_by_hand(const Workshop& shop, const LineageConfig& lineage, Roll& roll) {
  if (auto observed = roll.observe_now(); !observed) return observed;
  shop.output.out << fmt::format("; {}: [publish] method = \"print\", so nothing was published; {}\n", lineage.name,
                                 roll.facts().unpublished.empty() ? "no record is missing" : "add:");
  show(shop, roll, "", "; delete: ");
  return {};
}

Status publish_one(const Workshop& shop, const LineageConfig& lineage, const std::vector<OwnerLook>& looks) {
  Roll roll(shop, lineage, looks_of(lineage, looks), RollMode::settle, HoldDown::required);
  if (auto settled = roll.run(); !settled) return settled;
  if (shop.config().publish.method == PublishMethod::print) return publish_by_hand(shop, lineage, roll);
  if (auto published = roll.publish(); !published) return published;
  return roll.retire(RetireRule::unattended);
}

Status preview_one(const Workshop& shop, const LineageConfig& lineage, const std::vector<OwnerLook>& looks) {
  Roll roll(shop, lineage, looks_of(lineage, looks), RollMode::settle, HoldDown::required);
  if (const auto step = roll.preview(); !step) return step.error();
  show(shop, roll, "would add: ", "would delete: ");
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
