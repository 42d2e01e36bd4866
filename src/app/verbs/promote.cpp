#include "app/verbs/promote.hpp"

#include "app/roll/preview.hpp"
#include "app/roll/waiting.hpp"
#include "app/store/each_lineage.hpp"

namespace danectl {
namespace {

Result<std::vector<LineageConfig>> checked(const PromoteOptions& options, const Workshop& shop) {
  if (options.caches == Caches::left_out_by_a_person) return choose_named(shop, options.names, "--no-hold");
  return choose_lineages(shop.settings, options.names);
}

}  // namespace

int promote(const PromoteOptions& options, const Workshop& shop) {
  auto lineages = checked(options, shop);
  if (options.dry_run) return preview_each(shop, lineages, RollMode::promote, options.caches);
  int waited = exit_done;
  if (options.wait && lineages && !lineages->empty()) {
    waited = wait_until_ready(shop, *lineages, options.caches);
    if (lineages->empty()) return waited;
  }
  const int promoted = for_each_lineage(shop, lineages, [&](const LineageConfig& lineage, const Look& look) {
    return Roll(shop, lineage, own_look(lineage, look), RollMode::promote, {options.caches}).run();
  });
  return worse(waited, promoted);
}

namespace {

class PromoteVerb : public VerbWith<PromoteOptions, promote> {
 public:
  PromoteVerb() : VerbWith("promote", "make the next key the current one, once it is ready", Purpose::change) {}

  std::string example() const override { return "danectl promote mx.example.com --wait"; }

  void declare(OptionList& options) override {
    options.names(options_.names);
    options.flag("--no-hold", no_hold_, "do not wait for caches; every name server must have the records all the same");
    options.flag("--wait", options_.wait, "wait until the next key is ready");
    options.dry_run(options_.dry_run);
  }

  Status finish() override {
    if (no_hold_) options_.caches = Caches::left_out_by_a_person;
    return {};
  }

 private:
  bool no_hold_ = false;
};

}  // namespace

std::unique_ptr<Verb> promote_verb() {
  return std::make_unique<PromoteVerb>();
}

}  // namespace danectl
