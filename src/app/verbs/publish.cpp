#include "app/verbs/publish.hpp"

#include "app/publish/publisher.hpp"
#include "app/roll/roll.hpp"
#include "app/store/each_lineage.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace danectl {
namespace {

// The records that a change of this place adds or deletes, as they stand in a zone.
void show(const Workshop& shop, const PlaceFact& place, const DnsChange& change, std::string_view before) {
  const RecordForm form = publish_for(shop.config(), place.place.name).form;
  const std::string name = place.place.name.with_dot();
  for (const Association& record : change.records) {
    const std::string text = record_text(record, form);
    shop.output.out << (change.does == DnsChange::Does::add
                            ? fmt::format("{}{} {} IN {}\n", before, name, place.ttl.count(), text)
                            : fmt::format("{}{} IN {}\n", before, name, text));
  }
}

std::string where_by_hand(const Workshop& shop, const std::vector<PlaceFact>& places) {
  std::set<std::string> names;
  for (const PlaceFact& place : places) {
    if (is_by_hand(shop, place.place.name)) names.insert(place.place.name.text());
  }
  return fmt::format("at {} method = \"print\", so nothing was published there", fmt::join(names, ", "));
}

// What a person has to do now. It is noted before it is shown: from then on it counts as asked for.
Status publish_by_hand(const Workshop& shop, const LineageConfig& lineage, Roll& roll) {
  if (auto observed = roll.observe_now(); !observed) return observed;
  const std::string said = by_hand(shop, lineage) == ByHand::everything
                               ? "[publish] method = \"print\", so nothing was published"
                               : where_by_hand(shop, roll.facts().places);
  const auto due = roll.due_by_hand({DnsChange::Does::add, DnsChange::Does::remove});
  if (!due) return due.error();
  const bool adds = std::any_of(due->changes.begin(), due->changes.end(),
                                [](const DueChange& one) { return one.change.does == DnsChange::Does::add; });
  shop.output.out << fmt::format("; {}: {}; {}\n", lineage.name, said,
                                 adds        ? "add:"
                                 : due->held ? "add nothing yet"
                                             : "no record is missing");
  for (const DueChange& one : due->changes) {
    show(shop, one.place, one.change, one.change.does == DnsChange::Does::add ? "" : "; delete: ");
  }
  if (due->held) return *due->held;
  return {};
}

Status publish_one(const Workshop& shop, const LineageConfig& lineage, const Look& look) {
  Roll roll(shop, lineage, own_look(lineage, look), RollMode::settle);
  if (auto settled = roll.run(); !settled) return settled;
  const ByHand person = by_hand(shop, lineage);
  Status done;
  if (person != ByHand::everything) {
    done = roll.publish();
    if (done) done = roll.retire();
  }
  // What failed there keeps nobody from doing the rest by hand.
  if (person != ByHand::nothing) {
    if (auto shown = publish_by_hand(shop, lineage, roll); !shown && done) return shown;
  }
  return done;
}

Status preview_one(const Workshop& shop, const LineageConfig& lineage, const Look& look) {
  Roll roll(shop, lineage, own_look(lineage, look), RollMode::settle);
  if (const auto step = roll.preview(); !step) return step.error();
  const auto due = roll.due_now();
  if (!due) return due.error();
  for (const DueChange& one : due->changes) {
    const std::string_view verb = one.change.does == DnsChange::Does::add ? "add" : "delete";
    const bool by_hand = is_by_hand(shop, one.place.place.name);
    show(shop, one.place, one.change, by_hand ? fmt::format("by hand: {} ", verb) : fmt::format("would {}: ", verb));
  }
  if (due->held) shop.output.warn(fmt::format("{}: {}", lineage.name, due->held->what), due->held->hint);
  return {};
}

}  // namespace

int publish(const PublishOptions& options, const Workshop& shop) {
  const auto step = options.dry_run ? preview_one : publish_one;
  return for_each_lineage(
      shop, choose_lineages(shop.settings, options.names),
      [&](const LineageConfig& lineage, const Look& look) { return step(shop, lineage, look); },
      options.dry_run ? Changes::only_shown : Changes::made);
}

namespace {

class PublishVerb : public VerbWith<PublishOptions, publish> {
 public:
  PublishVerb() : VerbWith("publish", "bring DNS to the wanted records by the configured method", Purpose::change) {}

  std::string example() const override { return "danectl publish mx.example.com --dry-run"; }

  void declare(OptionList& options) override {
    options.names(options_.names);
    options.dry_run(options_.dry_run);
  }
};

}  // namespace

std::unique_ptr<Verb> publish_verb() {
  return std::make_unique<PublishVerb>();
}

}  // namespace danectl
