#include "app/roll/waiting.hpp"

#include "app/frame/exit_code.hpp"
#include "app/frame/explain.hpp"
#include "app/frame/progress_line.hpp"
#include "app/roll/roll.hpp"
#include "app/store/each_lineage.hpp"
#include "core/check/check_keys.hpp"
#include "core/rollover/objection_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace danectl {
namespace {

// While the records are still being published, and to see it when they vanish.
constexpr Milliseconds longest_sleep{30'000};
constexpr Milliseconds between_lines{60'000};
constexpr Milliseconds so_that_the_bar_moves{5'000};

struct Progress {
  bool ready = true;
  Milliseconds sleep = longest_sleep;
  std::string line;    // of the lineage that has the longest way to go
  std::string reason;  // why its hold-down is not running, or not enough
};

void take(Progress& progress, const LineageConfig& lineage, const Roll& roll, const Output& output) {
  const Facts& facts = roll.facts();
  const bool of_candidate = !lineage.stages_keys() && !facts.candidates.empty();
  if (!of_candidate && !(facts.next && lineage.stages_keys())) return;  // `promote` says so
  const Readiness& way = of_candidate ? facts.candidates.back().way : facts.next->way;
  if (way.ready()) return;
  progress.ready = false;
  const bool holding = way.stage == KeyStage::visible;
  progress.line =
      fmt::format("{}: {}", lineage.name,
                  holding ? "hold-down " + hold_down_bar(way, output) : "waiting until its records are ready");
  if (!way.objections.empty()) {
    progress.reason = fmt::format("{}: {}: {}", lineage.name, way.objections.front().owner.text(),
                                  objection_text(way.objections.front()));
    if (way.objections.front().kind == Objection::Kind::missing) {
      progress.reason += "\n  " + how_to_publish(lineage.name);
    }
  }
  if (holding) progress.sleep = std::min(progress.sleep, way.remaining + Milliseconds{100});
}

// The bar on a terminal, a line a minute elsewhere.
class Teller {
 public:
  explicit Teller(const Workshop& shop) : shop_(shop), bar_(shop.output) {}

  void tell(const std::string& line, const std::string& reason) {
    if (shop_.output.verbosity == Verbosity::quiet || line.empty()) return;
    if (!reason.empty() && reason != reason_) {
      bar_.clear();
      shop_.output.out << reason << std::endl;
    }
    reason_ = reason;
    if (shop_.output.terminal) return bar_.draw(line);
    const Instant now = shop_.world.clock.now();
    if (last_ && elapsed(*last_, now) < between_lines) return;
    shop_.output.out << line << std::endl;
    last_ = now;
  }

 private:
  const Workshop& shop_;
  ProgressLine bar_;
  std::optional<Instant> last_;
  std::string reason_;
};

}  // namespace

int wait_until_ready(const Workshop& shop, std::vector<LineageConfig>& lineages, Caches caches) {
  Teller teller(shop);
  int worst = exit_done;
  while (!lineages.empty()) {
    Progress progress;
    std::set<std::string> beyond_waiting;
    const std::span<const LineageConfig> left = lineages;
    const int code = for_each_lineage(shop, left, [&](const LineageConfig& lineage, const Look& look) -> Status {
      Roll roll(shop, lineage, own_look(lineage, look), RollMode::settle, {caches});
      if (auto settled = roll.run(); !settled) {
        if (settled.error().kind != ErrorKind::not_yet) beyond_waiting.insert(lineage.name);
        return settled;
      }
      take(progress, lineage, roll, shop.output);
      return {};
    });
    if (code == exit_not_yet) {
      progress.ready = false;  // another danectl is at work just now
      progress.sleep = Milliseconds{1000};
    } else if (code != exit_done) {
      worst = worse(worst, code);
      if (beyond_waiting.empty()) return worst;
      std::erase_if(lineages, [&](const LineageConfig& lineage) { return beyond_waiting.contains(lineage.name); });
      continue;
    }
    if (progress.ready) break;
    teller.tell(progress.line, progress.reason);
    shop.world.clock.sleep(shop.output.terminal ? std::min(progress.sleep, so_that_the_bar_moves) : progress.sleep);
  }
  return worst;
}

}  // namespace danectl
