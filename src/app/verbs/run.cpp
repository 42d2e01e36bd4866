#include "app/verbs/run.hpp"

#include "app/host/timer.hpp"
#include "app/roll/preview.hpp"
#include "app/roll/roll.hpp"
#include "app/store/each_lineage.hpp"
#include "app/store/store.hpp"
#include "core/base/foreign_text.hpp"
#include "core/config/end_margins.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

// The longer one waits, the louder: in the end the server has no valid certificate.
void warn_near_the_end(const Workshop& shop, const LineageConfig& lineage, const Roll& roll) {
  const Facts& facts = roll.facts();
  if (!facts.deployed || facts.candidates.empty()) return;
  const Certificate& leaf = facts.deployed->chain.leaf();
  const Milliseconds left = leaf.not_after - shop.world.clock.now().wall;
  if (left > end_margins(shop.config().check, leaf.not_after - leaf.not_before).warning) return;
  shop.output.warn(fmt::format("{}: the deployed certificate {} {}, and certbot's newer one still waits for its "
                               "records",
                               lineage.name, left > Milliseconds{0} ? "ends" : "ENDED", to_rfc3339(leaf.not_after)),
                   fmt::format("danectl status {0}; publish what `danectl records {0}` prints", lineage.name));
}

// Nothing is renewed or promoted meanwhile, however well all else goes.
Status certbot_has_it(const Facts& facts) {
  const bool known = !facts.certbot_is_forbidden && !facts.certbot_is_half_ours;
  if (facts.certbot || facts.certbot_trouble.empty() || !known) return {};
  return failed(facts.certbot_trouble, facts.certbot_cure);
}

Status run_one(const Workshop& shop, const LineageConfig& lineage, const Look& look) {
  Roll roll(shop, lineage, own_look(lineage, look), RollMode::run);
  const auto done = roll.run();
  warn_near_the_end(shop, lineage, roll);
  if (done) return certbot_has_it(roll.facts());
  // 75 is for a call that could not start; what was tried and failed is a failure.
  Error error = done.error();
  error.kind = ErrorKind::failed;
  return error;
}

// A timer calls this many times a day: a cause is said once, until there is another one.
void tell_of_silence(const Workshop& shop, const std::optional<std::string>& silence) {
  if (!silence) return;
  const auto before = last_run(shop);
  const bool told = before && before->dns_silence == silence;
  if (told && shop.output.verbosity < Verbosity::verbose) return;
  shop.output.warn("nothing can be published, promoted or retired, because DNS gives this host no answer: " + *silence,
                   "danectl doctor says more; this message is not repeated while its reason is the same");
}

// certbot writes a lineage file by file: what is read meanwhile may be half of each.
Status certbot_is_at_rest(const Workshop& shop) {
  const auto lock = shop.files().lock_as_certbot(shop.config().certbot_dir, short_wait);
  if (!lock) return lock.error();
  return {};
}

}  // namespace

int run(const RunOptions& options, const Workshop& shop) {
  const std::span<const LineageConfig> all = shop.settings.lineages;  // ten thousand are not copied
  if (options.dry_run) return preview_each(shop, shop.settings.lineages, RollMode::run, Caches::count);
  if (all.empty()) return exit_done;
  if (auto free = certbot_is_at_rest(shop); !free) return exit_with(free.error(), shop.output);
  std::optional<std::string> silence;
  const int code = for_each_lineage(
      shop, all,
      [&](const LineageConfig& lineage, const Look& look) {
        silence = why_dns_is_silent(look.owners);
        if (silence) silence = one_line(*silence);
        return run_one(shop, lineage, look);
      },
      Changes::made, NoLook::left_to_caller);
  if (code == exit_not_yet) return code;
  tell_of_silence(shop, silence);
  if (auto noted = note_run(shop, {shop.world.clock.now().wall, silence}); !noted) {
    return exit_with(noted.error(), shop.output);
  }
  return code;
}

namespace {

class RunVerb : public VerbWith<RunOptions, run> {
 public:
  RunVerb()
      : VerbWith("run", "the timer's verb: every step that is due, for every lineage", Purpose::change_unattended) {}

  std::string example() const override { return "danectl run --dry-run"; }

  void declare(OptionList& options) override { options.dry_run(options_.dry_run); }
};

}  // namespace

std::unique_ptr<Verb> run_verb() {
  return std::make_unique<RunVerb>();
}

}  // namespace danectl
