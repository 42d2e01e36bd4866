#include "app/verbs/status.hpp"

#include "app/frame/named_file.hpp"
#include "app/publish/publisher.hpp"
#include "app/roll/observe.hpp"
#include "app/status/status_json.hpp"
#include "app/status/status_overview.hpp"
#include "app/status/status_text.hpp"
#include "app/status/status_view.hpp"
#include "app/status/timeline_svg.hpp"
#include "app/store/store.hpp"

#include <nlohmann/json.hpp>

namespace danectl {
namespace {

enum class Form { overview, text, timeline, svg, json };

Form form_of(const StatusOptions& options, std::size_t lineages, const Output& output) {
  if (!options.svg_file.empty()) return Form::svg;
  if (options.json) return Form::json;
  if (options.timeline) return Form::timeline;
  return lineages > 1 && output.verbosity < Verbosity::verbose ? Form::overview : Form::text;
}

// Only what is printed is made: of ten thousand lineages all forms would take long, and much memory.
struct LineageStatus {
  OverviewLine line;
  std::string text;
  std::optional<Timeline> timeline;
  nlohmann::ordered_json json;
};

LineageStatus made(const LineageView& view, Form form, const Output& output) {
  LineageStatus one{{view.lineage.name, view.report.health, !view.look.owners.empty(), view.report.action}, {}, {}, {}};
  if (form == Form::text) one.text = status_text(view, output);
  if (form == Form::timeline || form == Form::svg) one.timeline = timeline_of(view);
  if (form == Form::json) one.json = status_json(view);
  return one;
}

Hands hands_of(const Workshop& shop, const LineageConfig& lineage) {
  const auto last_run = shop.files().info(shop.paths().last_run());
  Hands hands{.timer = last_run && last_run->has_value(), .by_hand = lineage.tlsa};
  std::erase_if(hands.by_hand, [&](const DnsName& owner) { return !is_by_hand(shop, owner); });
  return hands;
}

Result<LineageStatus> show(const Workshop& shop, const LineageConfig& lineage, const Look& look, Form form) {
  auto state = load_state(shop.files(), shop.paths(), lineage.name);
  if (!state) return state.error();
  auto facts = observe(shop, lineage, *std::move(state), look);
  if (!facts) return facts.error();
  const Instant now = moment_of(shop, look);
  const Step step = plan({*facts, lineage, now});
  const Report report =
      health({*facts, lineage, look.owners, shop.config().check, step, now.wall, hands_of(shop, lineage)});
  const LineageView view{lineage, *facts, look, report, shop.paths().live(lineage.name), now};
  return made(view, form, shop.output);
}

std::string text_of(const std::vector<LineageStatus>& all, Form form, WallTime now, const Output& output) {
  std::string text;
  if (form == Form::timeline) {
    for (const LineageStatus& one : all) text += (text.empty() ? "" : "\n") + timeline_text(*one.timeline, output);
  } else if (form == Form::overview) {
    std::vector<OverviewLine> lines;
    lines.reserve(all.size());
    for (const LineageStatus& one : all) lines.push_back(one.line);
    text = overview_text(std::move(lines), now, output);
  } else {
    for (const LineageStatus& one : all) text += one.text;
  }
  return text;
}

Status draw(Files& files, const std::vector<LineageStatus>& all, const std::string& path) {
  std::vector<Timeline> timelines;
  timelines.reserve(all.size());
  for (const LineageStatus& one : all) timelines.push_back(*one.timeline);
  return write_named_file(files, "--svg", path, timeline_svg(timelines));
}

}  // namespace

int status(const StatusOptions& options, const Workshop& shop) {
  const auto lineages = choose_lineages(shop.settings, options.names);
  if (!lineages) return exit_with(lineages.error(), shop.output);
  Look look;
  if (!options.no_dns && !lineages->empty()) look = look_or_none(shop, owners_of(*lineages));
  int code = exit_done;
  const Form form = form_of(options, lineages->size(), shop.output);
  std::vector<LineageStatus> all;
  for (const LineageConfig& lineage : *lineages) {
    auto shown = show(shop, lineage, own_look(lineage, look), form);
    if (shown) {
      all.push_back(*std::move(shown));
    } else {
      code = worse(code, exit_with(lineage.name, shown.error(), shop.output));
    }
  }
  if (form == Form::svg) {
    if (auto drawn = draw(shop.files(), all, options.svg_file); !drawn) return exit_with(drawn.error(), shop.output);
  } else if (form == Form::json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (LineageStatus& one : all) list.push_back(std::move(one.json));
    const nlohmann::ordered_json document{{"version", 1}, {"lineages", std::move(list)}};
    shop.output.out << document.dump(2) << '\n';
  } else if (lineages->empty()) {
    shop.output.out << "no lineage is enrolled; begin with: danectl enroll NAME --tlsa _25._tcp.HOST\n";
  } else {
    shop.output.out << text_of(all, form, shop.world.clock.now().wall, shop.output);
  }
  return code;
}

namespace {

class StatusVerb : public VerbWith<StatusOptions, status> {
 public:
  StatusVerb() : VerbWith("status", "what is served, what is next, and what happens when", Purpose::show) {}

  std::string example() const override { return "danectl status mx.example.com --json"; }

  void declare(OptionList& options) override {
    options.names(options_.names);
    options.json(options_.json);
    options.flag("--no-dns", options_.no_dns, "do not ask DNS");
    options.flag("--timeline", options_.timeline, "past and coming events on one time axis");
    options.value("--svg", options_.svg_file, "draw the timeline into this file, as an SVG picture", "FILE");
  }

  Status finish() override {
    if (options_.json && options_.timeline) return invalid("--json and --timeline exclude each other");
    if (options_.json && !options_.svg_file.empty()) return invalid("--json and --svg exclude each other");
    return {};
  }
};

}  // namespace

std::unique_ptr<Verb> status_verb() {
  return std::make_unique<StatusVerb>();
}

}  // namespace danectl
