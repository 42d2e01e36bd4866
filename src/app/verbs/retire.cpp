#include "app/verbs/retire.hpp"

#include "app/publish/publisher.hpp"
#include "app/roll/roll.hpp"
#include "app/store/each_lineage.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

Result<std::vector<LineageConfig>> checked(const RetireOptions& options, const Workshop& shop) {
  if (options.foreign) return choose_named(shop, options.names, "--foreign");
  if (options.now) return choose_named(shop, options.names, "--now");
  return choose_lineages(shop.settings, options.names);
}

RetireRule rule_of(const RetireOptions& options) {
  if (options.now) return RetireRule::now_by_a_person;
  return options.names.empty() ? RetireRule::unattended : RetireRule::by_a_person;
}

std::string_view will_be(Retirement::Verdict verdict) {
  switch (verdict) {
    case Retirement::Verdict::due:
    case Retirement::Verdict::ask_servers:
      return "delete";
    case Retirement::Verdict::gone:
      return "forget";
    case Retirement::Verdict::going:
      return "wait with";
    case Retirement::Verdict::waiting:
    case Retirement::Verdict::held:
      break;
  }
  return "keep";
}

void show(const Workshop& shop, const LineageConfig& lineage, const std::vector<Retirement>& retiring,
          std::string_view would) {
  if (shop.output.verbosity == Verbosity::quiet) return;
  for (const Retirement& one : retiring) {
    const std::string when = one.when ? ", until " + to_rfc3339(*one.when) : std::string{};
    shop.output.out << fmt::format("{}: {}{} {} {}: {}{}\n", lineage.name, would, will_be(one.verdict),
                                   one.record.owner.text(), one.record.association.text(), one.why, when);
  }
}

std::vector<Retirement> of_a_person(const Workshop& shop, std::vector<Retirement> retiring) {
  std::erase_if(retiring, [&](const Retirement& one) { return !is_by_hand(shop, one.record.owner); });
  return retiring;
}

std::vector<Retirement> of_danectl(const Workshop& shop, std::vector<Retirement> retiring) {
  std::erase_if(retiring, [&](const Retirement& one) { return is_by_hand(shop, one.record.owner); });
  return retiring;
}

// Where danectl changes nothing in DNS, it says what a person may delete.
Status show_by_hand(const Workshop& shop, const LineageConfig& lineage, Roll& roll, const RetireOptions& options) {
  const auto results = roll.judged(rule_of(options), options.foreign);
  if (!results) return results.error();
  const std::vector<Retirement> by_hand = of_a_person(shop, *results);
  show(shop, lineage, by_hand, "by hand: ");
  if (options.foreign) return {};
  if (auto forgotten = roll.forget_gone(by_hand); !forgotten) return forgotten;
  return roll.note_decided(rule_of(options), by_hand);
}

Status retire_from_servers(const Workshop& shop, const LineageConfig& lineage, Roll& roll,
                           const RetireOptions& options) {
  if (options.foreign) return roll.retire_foreign(*options.foreign);
  if (auto retired = roll.retire(rule_of(options)); !retired) return retired;
  const auto left = roll.judged(rule_of(options), std::nullopt);
  if (!left) return left.error();
  show(shop, lineage, of_danectl(shop, *left), "");
  return roll.forget_gone(*left);
}

Status retire_one(const Workshop& shop, const LineageConfig& lineage, const std::vector<OwnerLook>& looks,
                  const RetireOptions& options) {
  Roll roll(shop, lineage, looks_of(lineage, looks), RollMode::settle, HoldDown::required);
  if (auto settled = roll.run(); !settled) return settled;
  shop.aliases->note(roll.state());
  const ByHand person = by_hand(shop, lineage);
  Status done;
  if (person != ByHand::everything) done = retire_from_servers(shop, lineage, roll, options);
  if (person != ByHand::nothing) {
    if (auto shown = show_by_hand(shop, lineage, roll, options); !shown && done) return shown;
  }
  return done;
}

Status preview_one(const Workshop& shop, const LineageConfig& lineage, const std::vector<OwnerLook>& looks,
                   const RetireOptions& options) {
  Roll roll(shop, lineage, looks_of(lineage, looks), RollMode::settle, HoldDown::required);
  if (const auto step = roll.preview(); !step) return step.error();
  shop.aliases->note(roll.facts().state);
  const auto results = roll.judged(rule_of(options), options.foreign);
  if (!results) return results.error();
  show(shop, lineage, of_danectl(shop, *results), "would ");
  show(shop, lineage, of_a_person(shop, *results), "by hand: ");
  return {};
}

}  // namespace

int retire(const RetireOptions& options, const Workshop& shop) {
  const auto step = options.dry_run ? preview_one : retire_one;
  return for_each_lineage(
      shop, checked(options, shop),
      [&](const LineageConfig& lineage, const std::vector<OwnerLook>& looks) {
        return step(shop, lineage, looks, options);
      },
      options.dry_run ? Changes::only_shown : Changes::made);
}

}  // namespace danectl
