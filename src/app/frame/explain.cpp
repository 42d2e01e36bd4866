#include "app/frame/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace danectl {
namespace {

constexpr int bar_width = 30;

const Readiness* longest_to_go(const GateAnswer& gate) {
  const Readiness* longest = nullptr;
  for (const Readiness& readiness : gate.each) {
    if (!readiness.visible_since) continue;
    if (longest == nullptr || readiness.remaining > longest->remaining) longest = &readiness;
  }
  return longest;
}

double fraction_done(const Readiness& readiness) {
  const Milliseconds whole = readiness.hold_down;
  if (whole <= Milliseconds{0}) return 1.0;
  return std::clamp(1.0 - static_cast<double>(readiness.remaining.count()) / static_cast<double>(whole.count()), 0.0,
                    1.0);
}

// What keeps one association of one owner from being ready, a line each, under the name of owner and record.
std::string obstacles(const GateAnswer& gate, const Output& output) {
  std::string lines;
  for (const Readiness& readiness : gate.each) {
    if (readiness.ready()) continue;
    lines += fmt::format("\n  {} {}", readiness.owner.text(), shortened(readiness.association));
    for (const std::string& reason : readiness.blocked_by) lines += "\n    " + reason;
    if (readiness.stage == KeyStage::visible) {
      lines += fmt::format("\n    visible since {}, hold-down {}: {} {} left",
                           to_rfc3339(readiness.visible_since->wall), human_duration(readiness.hold_down),
                           bar(fraction_done(readiness), output), human_duration(readiness.remaining));
    }
  }
  return lines;
}

std::string when_to_come_back(const std::string& name, const GateAnswer& gate, const Step& step, const Instant& now) {
  for (const Readiness& readiness : gate.each) {
    if (readiness.dnssec == Dnssec::insecure) return "sign the zone with DNSSEC and put its DS record into the parent";
    if (readiness.dnssec == Dnssec::bogus) return "mend DNSSEC of the zone: senders that check DANE hold the mail now";
  }
  for (const Readiness& readiness : gate.each) {
    for (const std::string& reason : readiness.blocked_by) {
      if (reason.find("into the profile") == std::string::npos) continue;
      return fmt::format("danectl retire {} --foreign \"U S M HEX\" deletes such a record", name);
    }
  }
  if (step.kind == StepKind::publish) {
    return fmt::format(
        "publish what `danectl records {}` prints on every authoritative server; the hold-down begins when all have it",
        name);
  }
  if (const auto at = gate.ready_at(now); at && gate.stage() == KeyStage::visible) {
    return fmt::format("come back at {}", to_rfc3339(*at));
  }
  return "try again when every authoritative server gives a validated answer";
}

}  // namespace

std::string bar(double done, const Output& output) {
  const int full = static_cast<int>(std::lround(std::clamp(done, 0.0, 1.0) * bar_width));
  std::string text = "[";
  for (int i = 0; i < bar_width; ++i) text += i < full ? (output.unicode ? "█" : "#") : (output.unicode ? "░" : "-");
  return text + "]";
}

std::string hold_down_bar(const GateAnswer& gate, const Output& output) {
  const Readiness* longest = longest_to_go(gate);
  if (longest == nullptr) return {};
  const double done = fraction_done(*longest);
  const std::string left =
      longest->remaining > Milliseconds{0} ? human_duration(longest->remaining) + " left" : std::string("over");
  return fmt::format("{} {:.0f} %, {}", bar(done, output), std::floor(done * 100), left);
}

Error not_promoted(const std::string& name, const GateAnswer& gate, const Step& step, const Instant& now,
                   const Output& output) {
  const bool holding = gate.stage() == KeyStage::visible && step.when.has_value();
  const std::string what = holding ? std::string("the hold-down is running") : step.why;
  return not_yet(fmt::format("not promoted: {}{}", what, obstacles(gate, output)),
                 when_to_come_back(name, gate, step, now));
}

Error not_rolled_back(const KeyId& key, const GateAnswer& gate, const Instant& now, const Output& output) {
  const auto at = gate.ready_at(now);
  return not_yet(
      fmt::format("not rolled back: the records of the key before, {}, are not ready{}", key.sha256,
                  obstacles(gate, output)),
      at && gate.stage() == KeyStage::visible
          ? fmt::format("come back at {}", to_rfc3339(*at))
          : std::string("publish them on every authoritative server; without them senders would hold the mail"));
}

std::string shortened(const Association& association) {
  const std::string& hex = association.hex;
  if (hex.size() <= 24) return association.text();
  return fmt::format("{} {}...{}", association.group.text(), hex.substr(0, 12), hex.substr(hex.size() - 8));
}

}  // namespace danectl
