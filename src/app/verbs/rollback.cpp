#include "app/verbs/rollback.hpp"

#include "app/roll/roll.hpp"
#include "app/store/each_lineage.hpp"

#include <fmt/format.h>

namespace danectl {

int rollback(const RollbackOptions& options, const Workshop& shop) {
  return for_each_lineage(
      shop, choose_named(shop, {options.name}, "rollback"),
      [&](const LineageConfig& lineage, const Look& look) -> Status {
        Roll roll(shop, lineage, own_look(lineage, look), RollMode::complete);
        if (options.dry_run) {
          const auto key = roll.preview_rollback();
          if (!key) return key.error();
          shop.output.out << fmt::format("{}: would deploy the key {} again\n", lineage.name, key->sha256);
          return {};
        }
        return roll.roll_back();
      },
      options.dry_run ? Changes::only_shown : Changes::made);
}

namespace {

class RollbackVerb : public VerbWith<RollbackOptions, rollback> {
 public:
  RollbackVerb()
      : VerbWith("rollback", "go back to the previous key, if its records are still ready", Purpose::change) {}

  std::string example() const override { return "danectl rollback mx.example.com"; }

  void declare(OptionList& options) override {
    options.one_name(options_.name);
    options.dry_run(options_.dry_run);
  }
};

}  // namespace

std::unique_ptr<Verb> rollback_verb() {
  return std::make_unique<RollbackVerb>();
}

}  // namespace danectl
