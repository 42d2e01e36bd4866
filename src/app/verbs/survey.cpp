#include "app/verbs/survey.hpp"

#include "app/survey/summary_text.hpp"
#include "app/survey/survey_course.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>

namespace danectl {
namespace {

// Beyond it a limit limits nothing.
constexpr unsigned highest_rate = 1000000;

Result<std::optional<unsigned>> parse_rate(std::string_view text) {
  unsigned rate = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), rate);
  if (problem != std::errc{} || end != text.data() + text.size() || rate > highest_rate) {
    return invalid(fmt::format("'{}' is not a rate", text),
                   fmt::format("questions a second, 1 to {}; 0 is without a limit", highest_rate));
  }
  return rate == 0 ? std::optional<unsigned>() : std::optional(rate);
}

Result<SurveyOutput> open_output(const SurveyOptions& options, const Output& output, LineFiles& files) {
  if (options.output_file.empty()) return SurveyOutput(options.format, output.out);
  auto file = files.grow(options.output_file);
  if (!file) return Error{file.error().kind, "--output: " + file.error().what, file.error().hint};
  return SurveyOutput(options.format, options.output_file, std::move(*file));
}

// On standard output, unless lines of CSV go there.
void tell_summary(const SummaryView& view, const SurveyOptions& options, const Output& output) {
  const bool apart = !options.output_file.empty();
  switch (options.format) {
    case SurveyFormat::json:
      output.out << summary_json(view).dump() << '\n';
      break;
    case SurveyFormat::csv:
      (apart ? output.out : output.err) << summary_text(view);
      break;
    case SurveyFormat::text:
      output.out << (apart ? "" : "\n") << summary_text(view);
      break;
  }
}

int say_how_it_ended(const Status& done, const SurveyCourse& course, const Output& output, bool goes_on) {
  if (!done) return exit_with(done.error(), output);
  if (!course.interrupted()) return exit_done;
  return exit_with(
      not_yet(fmt::format("stopped by a signal after {} lines", course.lines()),
              goes_on ? "the same call goes on where it stopped" : "with --output the next call could go on"),
      output);
}

}  // namespace

int survey(const SurveyOptions& options, const Workshop& shop) {
  const auto files = shop.world.line_files();
  auto reader = files->read(options.list);
  if (!reader) return exit_with(invalid(reader.error().what, reader.error().hint), shop.output);
  DomainList list(std::move(*reader));
  auto output = open_output(options, shop.output, *files);
  if (!output) return exit_with(output.error(), shop.output);
  SurveySummary summary;
  const auto interruption = shop.world.interruption();
  const auto before = output->go_on(list, summary, shop.world.clock);
  if (!before) return exit_with(before.error(), shop.output);

  const auto mail = shop.world.mail_survey(shop.config(), options.rate);
  std::optional<Knocker> knocker;
  if (options.probe) knocker.emplace(shop.world.sparing_probe(shop.config()), shop.world.clock);
  SurveyProgress progress(shop.output);
  SurveyCourse course({list, *output, summary, knocker ? &*knocker : nullptr, *interruption, progress});
  const Status done = course.run(*mail);
  if (done || course.lines() != 0) {
    tell_summary({summary, list.repeated(), before->not_counted, options.probe}, options, shop.output);
  }
  return say_how_it_ended(done, course, shop.output, !options.output_file.empty());
}

namespace {

class SurveyVerb : public VerbWith<SurveyOptions, survey> {
 public:
  SurveyVerb() : VerbWith("survey", "the DANE state of a list of mail domains, a line each", Purpose::show) {}

  std::string example() const override { return "danectl survey --format json --output survey.json domains.txt"; }

  void declare(OptionList& options) override {
    options.word("FILE", options_.list, "mail domains, one a line; - is standard input");
    options.value("--format", format_, "json: an object a line", "text|json|csv");
    options.flag("--probe", options_.probe, "ask each mail server, too, once and by two connections at most");
    options.value("--rate", rate_, "questions to DNS a second, at most (default: 200; 0: without a limit)", "N");
    options.value("--output", options_.output_file, "write the lines to this file; if it exists, go on where it ends",
                  "FILE");
  }

  Status finish() override {
    if (format_) {
      const auto format = parse_survey_format(*format_);
      if (!format) return unusable_value("--format", format.error());
      options_.format = *format;
    }
    if (rate_) {
      const auto rate = parse_rate(*rate_);
      if (!rate) return unusable_value("--rate", rate.error());
      options_.rate = *rate;
    }
    return {};
  }

 private:
  std::optional<std::string> format_;
  std::optional<std::string> rate_;
};

}  // namespace

std::unique_ptr<Verb> survey_verb() {
  return std::make_unique<SurveyVerb>();
}

}  // namespace danectl
