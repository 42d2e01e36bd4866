#include "app/verbs/status.hpp"

#include "app/publish/publisher.hpp"
#include "app/roll/observe.hpp"
#include "app/status/status_json.hpp"
#include "app/status/status_text.hpp"
#include "app/status/status_view.hpp"
#include "app/store/store.hpp"

#include <nlohmann/json.hpp>

namespace danectl {
namespace {

struct Shown {
  std::string text;
  nlohmann::ordered_json json;
};

Hands hands_of(const Workshop& shop, const LineageConfig& lineage) {
  const auto last_run = shop.files().info(shop.paths().last_run());
  Hands hands{.timer = last_run && last_run->has_value(), .by_hand = lineage.tlsa};
  std::erase_if(hands.by_hand, [&](const DnsName& owner) { return !is_by_hand(shop, owner); });
  return hands;
}

Result<Shown> show(const Workshop& shop, const LineageConfig& lineage, const Look& look) {
  auto state = load_state(shop.files(), shop.paths(), lineage.name);
  if (!state) return state.error();
  auto facts = observe(shop, lineage, *std::move(state), look);
  if (!facts) return facts.error();
  const Instant now = moment_of(shop, look);
  const Step step = plan({*facts, lineage, now});
  const Report report =
      health({*facts, lineage, look.owners, shop.config().check, step, now.wall, hands_of(shop, lineage)});
  const LineageView view{lineage, *facts, look, report, shop.paths().live(lineage.name), now};
  return Shown{status_text(view, shop.output), status_json(view)};
}

}  // namespace

int status(const StatusOptions& options, const Workshop& shop) {
  const auto lineages = choose_lineages(shop.settings, options.names);
  if (!lineages) return exit_with(lineages.error(), shop.output);
  Look look;
  if (!options.no_dns && !lineages->empty()) look = look_or_none(shop, owners_of(*lineages));
  int code = exit_done;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const LineageConfig& lineage : *lineages) {
    auto shown = show(shop, lineage, own_look(lineage, look));
    if (!shown) {
      code = worse(code, exit_with(lineage.name, shown.error(), shop.output));
      continue;
    }
    if (!options.json) shop.output.out << shown->text;
    list.push_back(std::move(shown->json));
  }
  if (options.json) {
    const nlohmann::ordered_json document{{"version", 1}, {"lineages", std::move(list)}};
    shop.output.out << document.dump(2) << '\n';
  } else if (lineages->empty()) {
    shop.output.out << "no lineage is enrolled; begin with: danectl enroll NAME --tlsa _25._tcp.HOST\n";
  }
  return code;
}

namespace {

class StatusVerb : public VerbWith<StatusOptions, status> {
 public:
  StatusVerb() : VerbWith("status", "what is served, what is next, and what happens when", Purpose::show) {}

  void declare(OptionList& options) override {
    options.names(options_.names);
    options.json(options_.json);
    options.flag("--no-dns", options_.no_dns, "do not ask DNS");
  }
};

}  // namespace

std::unique_ptr<Verb> status_verb() {
  return std::make_unique<StatusVerb>();
}

}  // namespace danectl
