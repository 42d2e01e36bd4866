#include "app/verbs/discard.hpp"

#include "app/roll/roll.hpp"
#include "app/store/each_lineage.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

Status discard_one(const Workshop& shop, const LineageConfig& lineage, const Look& look,
                   const DiscardOptions& options) {
  Roll roll(shop, lineage, own_look(lineage, look), RollMode::settle);
  if (options.dry_run) {
    if (const auto step = roll.preview(); !step) return step.error();
  } else if (auto settled = roll.run(); !settled) {
    return settled;
  }
  if (!roll.facts().next) {
    const auto& pending = roll.state().pending;
    return failed("there is no next key to discard",
                  pending.stage_since ? "the last one was promoted; `danectl rollback` brings the key before back"
                                      : std::string());
  }
  const std::string digest = roll.facts().next->key.sha256;
  if (options.dry_run) {
    shop.output.out << fmt::format("{}: would discard the next key {}\n", lineage.name, digest);
    return {};
  }
  if (auto discarded = roll.discard_next(); !discarded) return discarded;
  if (shop.output.verbosity != Verbosity::quiet) {
    shop.output.out << fmt::format("{}: discarded the next key {}; its records, where published, are retiring\n",
                                   lineage.name, digest);
  }
  return {};
}

}  // namespace

int discard(const DiscardOptions& options, const Workshop& shop) {
  return for_each_lineage(
      shop, choose_named(shop, {options.name}, "discard"),
      [&](const LineageConfig& lineage, const Look& look) { return discard_one(shop, lineage, look, options); },
      options.dry_run ? Changes::only_shown : Changes::made);
}

namespace {

class DiscardVerb : public VerbWith<DiscardOptions, discard> {
 public:
  DiscardVerb() : VerbWith("discard", "drop the next key; its published record becomes retiring", Purpose::change) {}

  std::string example() const override { return "danectl discard mx.example.com"; }

  void declare(OptionList& options) override {
    options.one_name(options_.name);
    options.dry_run(options_.dry_run);
  }
};

}  // namespace

std::unique_ptr<Verb> discard_verb() {
  return std::make_unique<DiscardVerb>();
}

}  // namespace danectl
