#include "app/verbs/check.hpp"

#include "app/check/check_json.hpp"
#include "app/check/check_nagios.hpp"
#include "app/check/check_prometheus.hpp"
#include "app/check/check_text.hpp"
#include "app/check/watch.hpp"
#include "app/frame/named_file.hpp"
#include "app/verbs/subjects.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace danectl {
namespace {

Result<DnsName> mail_domain(const std::string& text) {
  auto name = DnsName::parse(text);
  if (!name) return unusable_value("--domain", name.error());
  if (name->is_root()) {
    return invalid("--domain: the root of DNS takes no mail", "name what stands behind the @ of a mail address");
  }
  return name;
}

Result<Subjects> choose(const Workshop& shop, const CheckOptions& options) {
  std::vector<DnsName> domains;
  for (const std::string& text : options.domains) {
    auto domain = mail_domain(text);
    if (!domain) return domain.error();
    if (std::find(domains.begin(), domains.end(), *domain) == domains.end()) domains.push_back(*std::move(domain));
  }
  Subjects subjects;
  if (domains.empty() || !options.names.empty()) {
    auto named = choose_subjects(shop, options.names);
    if (!named) return named.error();
    subjects = *std::move(named);
  }
  subjects.domains = std::move(domains);
  if (subjects.lineages.empty() && subjects.servers.empty() && subjects.domains.empty()) {
    return invalid("nothing to check: no lineage is enrolled",
                   "name a server or a mail domain: danectl check smtp://mx.example.com:25, or --domain example.com");
  }
  return subjects;
}

std::string shown(const CheckReport& report, const CheckOptions& options, const Output& output) {
  switch (options.format) {
    case CheckFormat::json:
      return check_json(report).dump(2) + "\n";
    case CheckFormat::nagios:
      return check_nagios(report);
    case CheckFormat::prometheus:
      return check_prometheus(report);
    case CheckFormat::text:
      break;
  }
  return check_text(report, output);
}

}  // namespace

int check(const CheckOptions& options, const Workshop& shop) {
  auto subjects = choose(shop, options);
  if (!subjects) return cannot_check(subjects.error(), options.format, shop.output);
  // Only a person who reads the text on a terminal wants to see it move.
  Output output = shop.output;
  output.terminal = output.terminal && options.format == CheckFormat::text;
  const Workshop quiet{shop.world, shop.settings, output};
  const CheckReport report = watch(quiet, *subjects);
  const int code = exit_code(status_of(report));
  if (options.output_file.empty()) {
    shop.output.out << shown(report, options, shop.output);
    return code;
  }
  Output plain = shop.output;
  plain.colour = plain.unicode = plain.terminal = false;
  if (auto written = write_named_file(shop.files(), "--output", options.output_file, shown(report, options, plain));
      !written) {
    return cannot_check(written.error(), options.format, shop.output);
  }
  return code;
}

namespace {

class CheckVerb : public VerbWith<CheckOptions, check> {
 public:
  CheckVerb()
      : VerbWith("check", "will every sender that checks DANE deliver, now and after the next step?", Purpose::watch) {}

  std::string example() const override { return "danectl check smtp://mx.example.org:25"; }

  void declare(OptionList& options) override {
    options.any_words("NAME|URL", options_.names,
                      "a lineage, or any server, smtp://mx.example.com:25; without it: all enrolled lineages");
    options.values("--domain", options_.domains,
                   "a mail domain, your own or another: its MX records and every host in them (repeat)", "DOMAIN");
    options.value("--format", format_, "format of the output (default: text)", "text|json|nagios|prometheus");
    options.flag("--json", json_, "print one JSON document, as --format json does");
    options.value("--output", options_.output_file, "write to this file, whole and by one rename", "FILE");
  }

  Status finish() override {
    if (json_ && !format_.empty() && format_ != "json") {
      return invalid("--json and --format " + format_ + " exclude each other");
    }
    if (json_) format_ = "json";
    if (format_.empty()) return {};
    const auto format = parse_check_format(format_);
    if (!format) return unusable_value("--format", format.error());
    options_.format = *format;
    return {};
  }

  // CLI11 hands nothing over when it finds a fault, and whoever watches by a plugin reads that line alone.
  void take_as_written(const OptionList& options) override { format_ = options.written("--format"); }

  // Whoever watches `check` knows the exit codes of monitoring plugins alone.
  int refuse(const Error& error, const Output& output) const override {
    const auto format = parse_check_format(format_);
    return cannot_check(error, format ? *format : CheckFormat::text, output);
  }

 private:
  std::string format_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Verb> check_verb() {
  return std::make_unique<CheckVerb>();
}

}  // namespace danectl
