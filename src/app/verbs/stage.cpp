#include "app/verbs/stage.hpp"

#include "app/roll/roll.hpp"
#include "app/store/each_lineage.hpp"
#include "app/verbs/records.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

Status stage_one(const Workshop& shop, const LineageConfig& lineage, const Look& look, const StageOptions& options) {
  const std::optional<KeyType>& asked = options.key;
  Roll roll(shop, lineage, own_look(lineage, look), RollMode::settle);
  if (auto settled = roll.run(); !settled) return settled;
  if (!lineage.stages_keys()) {
    shop.output.out << fmt::format("{}: no key is staged: {}\n", lineage.name,
                                   lineage.names_keys() ? "certbot makes a new one at each renewal (rotation)"
                                                        : "its profile names only the issuer");
    return {};
  }
  const bool there = roll.state().next.has_value();
  if (there && asked && roll.state().next->key.type != *asked) {
    shop.output.warn(fmt::format("{}: the next key there is {}, not {}", lineage.name,
                                 to_text(roll.state().next->key.type), to_text(*asked)),
                     "it stays: its records may be published already");
  }
  if (!there) {
    if (auto staged = roll.stage(); !staged) return staged;
  }
  Status issued = options.issue ? roll.issue_ahead() : Status();
  const auto wanted = wanted_of(shop, {lineage}, look);
  if (!wanted) return wanted.error();
  const bool any_held =
      std::any_of(wanted->begin(), wanted->end(), [](const WantedRRset& rrset) { return rrset.held.has_value(); });
  if (shop.output.verbosity != Verbosity::quiet) {
    shop.output.out << fmt::format("; {}: {}; {}\n", lineage.name,
                                   there ? "the next key is there already" : "made the next key",
                                   any_held ? "publish no more than:" : "publish:");
  }
  if (auto noted = note_as_asked(shop, *wanted); !noted) return noted;
  shop.output.out << zone_text(*wanted, shop.config());
  warn_of_held(shop, *wanted);
  return issued;
}

Status preview_one(const Workshop& shop, const LineageConfig& lineage, const Look& look, const StageOptions& options) {
  Roll roll(shop, lineage, own_look(lineage, look), RollMode::settle);
  if (const auto step = roll.preview(); !step) return step.error();
  if (!lineage.stages_keys()) {
    shop.output.out << fmt::format("{}: would do nothing: no key is staged for it\n", lineage.name);
    return {};
  }
  const std::string what = roll.facts().next ? "keep the next key that is there" : "make the next key";
  shop.output.out << fmt::format("{}: would {}{}\n", lineage.name, what,
                                 options.issue ? ", and get its certificate" : "");
  return {};
}

}  // namespace

// The looks are for the ledger: it is what remembers the TTL that caches hold from before the next key's records.
int stage(const StageOptions& options, const Workshop& shop) {
  const auto step = options.dry_run ? preview_one : stage_one;
  return for_each_lineage(
      shop, choose_lineages(shop.settings, options.names),
      [&](LineageConfig lineage, const Look& look) {
        if (options.choice == KeyChoice::same_as_current) lineage.key.reset();
        if (options.choice == KeyChoice::named) lineage.key = options.key;
        return step(shop, lineage, look, options);
      },
      options.dry_run ? Changes::only_shown : Changes::made);
}

namespace {

class StageVerb : public VerbWith<StageOptions, stage> {
 public:
  StageVerb()
      : VerbWith("stage", "make the next key if there is none; print the records to publish", Purpose::change) {}

  std::string example() const override { return "danectl stage mx.example.com --key ecdsa-p256"; }

  void declare(OptionList& options) override {
    options.names(options_.names);
    options.value("--key", key_, "its type", "same|rsa-2048|rsa-3072|rsa-4096|ecdsa-p256|ecdsa-p384");
    options.flag("--issue", options_.issue, "get the certificate now, so that a later promote needs no CA");
    options.dry_run(options_.dry_run);
  }

  Status finish() override {
    if (key_.empty()) return {};
    if (key_ == "same") {
      options_.choice = KeyChoice::same_as_current;
      return {};
    }
    const auto type = parse_key_type(key_);
    if (!type) return unusable_value("--key", type.error());
    options_.choice = KeyChoice::named;
    options_.key = *type;
    return {};
  }

 private:
  std::string key_;
};

}  // namespace

std::unique_ptr<Verb> stage_verb() {
  return std::make_unique<StageVerb>();
}

}  // namespace danectl
