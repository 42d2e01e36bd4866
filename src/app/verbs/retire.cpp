#include "app/verbs/retire.hpp"

#include "app/publish/publisher.hpp"
#include "app/roll/roll.hpp"
#include "app/store/each_lineage.hpp"
#include "core/rollover/objection_text.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

Result<std::vector<LineageConfig>> checked(const RetireOptions& options, const Workshop& shop) {
  if (options.foreign) return choose_named(shop, options.names, "--foreign");
  if (options.now) return choose_named(shop, options.names, "--now");
  return choose_lineages(shop.settings, options.names);
}

// By the name of a lineage a person lets the records of issuers go, too.
Observation observation_of(const RetireOptions& options) {
  return {Caches::count, options.names.empty() ? Asker::unattended : Asker::person, DnsChange::Does::remove};
}

RetireRule rule_of(const RetireOptions& options) {
  if (options.now) return RetireRule::now_by_a_person;
  return options.names.empty() ? RetireRule::unattended : RetireRule::by_a_person;
}

std::string_view will_be(RetiringFact::Verdict verdict) {
  switch (verdict) {
    case RetiringFact::Verdict::due:
    case RetiringFact::Verdict::ask_servers:
      return "delete";
    case RetiringFact::Verdict::going:
      return "wait with";
    case RetiringFact::Verdict::held:
      break;
  }
  return "keep";
}

void show(const Workshop& shop, const LineageConfig& lineage, const PlaceFact& place, std::string_view would) {
  if (shop.output.verbosity == Verbosity::quiet) return;
  for (const RetiringFact& one : place.retiring) {
    const std::string when = one.when ? ", until " + to_rfc3339(*one.when) : std::string{};
    shop.output.out << fmt::format("{}: {}{} {} {}: {}{}\n", lineage.name, would, will_be(one.verdict),
                                   place.place.name.text(), one.record.text(), one.why, when);
  }
}

void show_all(const Workshop& shop, const LineageConfig& lineage, const Roll& roll, std::string_view would) {
  for (const PlaceFact& place : roll.facts().places) {
    show(shop, lineage, place, is_by_hand(shop, place.place.name) ? "by hand: " : would);
  }
}

// What neither time nor the next call lets go: a person who named the lineage wants to know.
Status left_behind(const Workshop& shop, const Roll& roll) {
  std::string lines;
  ErrorKind kind = ErrorKind::refused;
  for (const PlaceFact& place : roll.facts().places) {
    if (is_by_hand(shop, place.place.name)) continue;
    for (const RetiringFact& one : place.retiring) {
      if (one.when || one.verdict == RetiringFact::Verdict::going) continue;
      if (one.mended_by == RetiringFact::MendedBy::time_or_dns) kind = ErrorKind::not_yet;
      lines += fmt::format("\n  {} {}: {}", place.place.name.text(), shortened(one.record), one.why);
    }
  }
  if (lines.empty()) return {};
  return Error{kind, "not deleted:" + lines,
               roll.deleted_any() ? "the others were deleted; the lines above say what has to change first"
                                  : "the lines above say what has to change first"};
}

Status retire_one(const Workshop& shop, const LineageConfig& lineage, const Look& look, const RetireOptions& options) {
  Roll roll(shop, lineage, own_look(lineage, look), RollMode::settle, observation_of(options));
  if (auto settled = roll.run(); !settled) return settled;
  if (options.foreign) return roll.retire_foreign(*options.foreign);
  if (auto noted = roll.note_word(rule_of(options)); !noted) return noted;
  if (auto retired = roll.retire(); !retired) return retired;
  // What is shown to a person counts as asked for.
  if (const auto noted = roll.due_by_hand({DnsChange::Does::remove}); !noted) return noted.error();
  show_all(shop, lineage, roll, "");
  if (rule_of(options) == RetireRule::unattended) return {};
  return left_behind(shop, roll);
}

Status preview_foreign(const Workshop& shop, const LineageConfig& lineage, Roll& roll, const Association& foreign) {
  for (const PlaceFact& place : roll.facts().places) {
    const auto against = roll.against_foreign(place, foreign);
    if (!against) return against.error();
    if (!*against) continue;
    const std::string why = (*against)->empty() ? "no chain here needs it" : objection_text((*against)->front());
    shop.output.out << fmt::format("{}: would {} {} {}: {}\n", lineage.name, (*against)->empty() ? "delete" : "keep",
                                   place.place.name.text(), foreign.text(), why);
  }
  return {};
}

Status preview_one(const Workshop& shop, const LineageConfig& lineage, const Look& look, const RetireOptions& options) {
  Roll roll(shop, lineage, own_look(lineage, look), RollMode::settle, observation_of(options));
  if (const auto step = roll.preview(); !step) return step.error();
  if (options.foreign) return preview_foreign(shop, lineage, roll, *options.foreign);
  if (auto supposed = roll.suppose_word(rule_of(options)); !supposed) return supposed;
  show_all(shop, lineage, roll, "would ");
  return {};
}

}  // namespace

int retire(const RetireOptions& options, const Workshop& shop) {
  const auto step = options.dry_run ? preview_one : retire_one;
  return for_each_lineage(
      shop, checked(options, shop),
      [&](const LineageConfig& lineage, const Look& look) { return step(shop, lineage, look, options); },
      options.dry_run ? Changes::only_shown : Changes::made);
}

namespace {

class RetireVerb : public VerbWith<RetireOptions, retire> {
 public:
  RetireVerb() : VerbWith("retire", "delete the retiring records that nobody needs any more", Purpose::change) {}

  std::string example() const override { return "danectl retire mx.example.com --now"; }

  void declare(OptionList& options) override {
    options.names(options_.names);
    options.flag("--now", options_.now, "do not wait for retire_after (a stolen key)");
    options.value("--foreign", foreign_, "delete this record, \"3 1 1 HEX\", that no lineage here knows", "RECORD");
    options.dry_run(options_.dry_run);
  }

  Status finish() override {
    if (foreign_.empty()) return {};
    auto association = Association::parse(foreign_);
    if (!association) return unusable_value("--foreign", association.error());
    options_.foreign = *std::move(association);
    return {};
  }

 private:
  std::string foreign_;
};

}  // namespace

std::unique_ptr<Verb> retire_verb() {
  return std::make_unique<RetireVerb>();
}

}  // namespace danectl
