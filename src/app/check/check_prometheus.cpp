#include "app/check/check_prometheus.hpp"

#include "app/check/check_words.hpp"
#include "core/base/foreign_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace danectl {
namespace {

struct Label {
  const char* name;
  std::string_view value;
};

// Of the text exposition format, where only these three are special.
std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : one_line(value)) {
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
  return text;
}

std::string braced(std::initializer_list<Label> labels) {
  std::string text;
  for (const Label& label : labels) {
    text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", label.name, escaped(label.value));
  }
  return text.empty() ? text : "{" + text + "}";
}

// All series of one name. A scrape with the same series twice is thrown away whole; and the same probe may stand in two
// lineages, or twice on the command line. Of two values the smaller is kept: for everything measured here it is the
// worse.
class Family {
 public:
  Family(const char* name, const char* help) : name_(name), help_(help) {}

  void add(std::initializer_list<Label> labels, double value) {
    const auto [at, added] = series_.try_emplace(braced(labels), value);
    at->second = std::min(at->second, value);
  }
  template <class Number>
  void add(std::initializer_list<Label> labels, const std::optional<Number>& value) {
    if (value) add(labels, number(*value));
  }
  [[nodiscard]] std::string text() const {
    if (series_.empty()) return {};
    std::string text = fmt::format("# HELP {} {}\n# TYPE {} gauge\n", name_, help_, name_);
    for (const auto& [labels, value] : series_) text += fmt::format("{}{} {}\n", name_, labels, value);
    return text;
  }

  static double number(WallTime time) { return static_cast<double>(time.time_since_epoch().count()) / 1000; }
  static double number(Seconds span) { return static_cast<double>(span.count()); }
  static double number(std::size_t value) { return static_cast<double>(value); }

 private:
  const char* name_;
  const char* help_;
  std::map<std::string, double> series_;
};

// As the label that alert routing knows.
std::string_view label_of(Severity severity) {
  switch (severity) {
    case Severity::critical:
      return "critical";
    case Severity::warning:
      return "warning";
    case Severity::unknown:
      return "unknown";
    case Severity::ok:
      break;
  }
  return "ok";
}

std::string findings(const CheckReport& report) {
  Family counts("danectl_findings", "Findings of danectl check, by severity.");
  for (const Severity severity : {Severity::critical, Severity::warning, Severity::unknown}) {
    counts.add({{"severity", label_of(severity)}}, static_cast<double>(count(report, severity)));
  }
  Family each("danectl_finding", "1 for each kind of finding that is there; danectl-check(7) explains each id.");
  for (const Finding& finding : report.findings) {
    each.add({{"id", to_text(finding.id)}, {"severity", label_of(finding.severity)}, {"lineage", finding.lineage}}, 1);
  }
  return counts.text() + each.text();
}

std::string endpoints(const CheckReport& report) {
  Family verified("danectl_endpoint_verified",
                  "1 when every certificate that this address presents passes DANE, 0 when not.");
  Family matches("danectl_tlsa_match", "Whether a published group of TLSA records matches what this address presents.");
  Family ends("danectl_endpoint_cert_not_after_timestamp_seconds",
              "When the certificate that this address presents ends; of several the first.");
  for (const EndpointView& endpoint : report.endpoints) {
    if (endpoint.verdict == EndpointView::Verdict::left_out) continue;
    const std::string url = endpoint.url.text();
    const std::string owner = endpoint.url.owner().text();
    verified.add({{"lineage", endpoint.lineage}, {"owner", owner}, {"endpoint", url}, {"address", endpoint.address}},
                 endpoint.verdict == EndpointView::Verdict::verified ? 1 : 0);
    for (const auto& [group, match] : endpoint.groups) {
      matches.add({{"owner", owner}, {"endpoint", url}, {"address", endpoint.address}, {"group", group.text()}},
                  match ? 1 : 0);
    }
    ends.add({{"endpoint", url}, {"address", endpoint.address}}, endpoint.not_after);
  }
  return verified.text() + matches.text() + ends.text();
}

std::string owners(const CheckReport& report) {
  Family secure("danectl_dnssec_secure",
                "1 when the answer about the TLSA records of an owner is validated, 0 when not.");
  Family records("danectl_tlsa_records", "TLSA records of an owner.");
  Family ttl("danectl_tlsa_ttl_seconds", "TTL of the TLSA records of an owner, as its name servers give it.");
  Family signature("danectl_signature_expiry_timestamp_seconds",
                   "When the first signature of the TLSA records of an owner ends.");
  for (const OwnerGauges& owner : report.owners) {
    secure.add({{"owner", owner.owner}}, owner.dnssec == "secure" ? 1 : 0);
    records.add({{"owner", owner.owner}}, owner.records);
    ttl.add({{"owner", owner.owner}}, owner.ttl);
    signature.add({{"owner", owner.owner}}, owner.signature_ends);
  }
  return secure.text() + records.text() + ttl.text() + signature.text();
}

std::string lineages(const CheckReport& report) {
  Family begins("danectl_cert_not_before_timestamp_seconds", "When the deployed certificate began.");
  Family ends("danectl_cert_not_after_timestamp_seconds", "When the deployed certificate ends.");
  Family ready("danectl_next_ready_timestamp_seconds",
               "When the next key is ready, or was; absent while its records are not visible everywhere.");
  Family candidates("danectl_candidates", "Chains with another key that certbot brought and that wait.");
  Family retiring("danectl_retiring_records", "TLSA records that are still published, but not wanted any more.");
  Family reload("danectl_reload_pending", "1 while a reload or a deploy hook has still to succeed.");
  for (const LineageGauges& lineage : report.lineages) {
    begins.add({{"lineage", lineage.name}}, lineage.not_before);
    ends.add({{"lineage", lineage.name}}, lineage.not_after);
    ready.add({{"lineage", lineage.name}}, lineage.next_ready);
    candidates.add({{"lineage", lineage.name}}, static_cast<double>(lineage.candidates));
    retiring.add({{"lineage", lineage.name}}, static_cast<double>(lineage.retiring));
    reload.add({{"lineage", lineage.name}}, lineage.reload_pending ? 1 : 0);
  }
  return begins.text() + ends.text() + ready.text() + candidates.text() + retiring.text() + reload.text();
}

std::string domains(const CheckReport& report) {
  Family ways("danectl_domain_way",
              "1 with the label of what senders that check DANE do with the mail of a domain: dane, partly, without, "
              "held, no-mail, unknown.");
  for (const DomainView& view : report.domains) {
    ways.add({{"domain", view.domain.name.text()}, {"way", to_text(view.way)}}, 1);
  }
  return ways.text();
}

std::string times(const CheckReport& report) {
  Family checked("danectl_check_timestamp_seconds", "When danectl check wrote this.");
  checked.add({}, Family::number(report.now));
  Family run("danectl_last_run_timestamp_seconds", "When danectl run ended last; absent if it never did.");
  run.add({}, report.last_run);
  return checked.text() + run.text();
}

}  // namespace

std::string check_prometheus(const CheckReport& report) {
  return findings(report) + endpoints(report) + owners(report) + lineages(report) + domains(report) + times(report);
}

}  // namespace danectl
