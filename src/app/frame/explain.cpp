#include "app/frame/explain.hpp"

#include "core/check/check_keys.hpp"
#include "core/rollover/objection_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace danectl {
namespace {

constexpr int bar_width = 30;

double fraction_done(const Readiness& way) {
  const Milliseconds whole = way.hold_down;
  if (whole <= Milliseconds{0}) return 1.0;
  return std::clamp(1.0 - static_cast<double>(way.remaining.count()) / static_cast<double>(whole.count()), 0.0, 1.0);
}

// What keeps the chain from being deployed, a line each, under the name of its owner.
std::string obstacles(const Readiness& way, const Output& output) {
  std::string lines;
  std::set<std::string> said;
  DnsName owner;
  for (const Objection& objection : way.objections) {
    const std::string sentence = objection_text(objection);
    if (!said.insert(objection.owner.text() + sentence).second) continue;
    if (lines.empty() || objection.owner != owner) {
      const std::string why = objection.alias ? fmt::format(" ({})", alias_text(objection)) : std::string();
      lines += fmt::format("\n  {}{}", objection.owner.text(), why);
    }
    owner = objection.owner;
    lines += "\n    " + sentence;
  }
  if (way.stage != KeyStage::visible || !way.visible_since) return lines;
  return lines + fmt::format("\n    visible since {}, hold-down {}: {} {} left", to_rfc3339(*way.visible_since),
                             human_duration(way.hold_down), bar(fraction_done(way), output),
                             human_duration(way.remaining));
}

// A record that some server gives and that no lineage here has may be what the chain fails by.
bool fails_by_what_is_given(const Readiness& way) {
  return std::any_of(way.objections.begin(), way.objections.end(), [](const Objection& one) {
    return one.kind == Objection::Kind::fails && one.held->by == HeldVersion::By::server &&
           !one.held->version.records.empty();
  });
}

bool is_lacking(const Readiness& way) {
  return std::any_of(way.objections.begin(), way.objections.end(),
                     [](const Objection& one) { return one.kind == Objection::Kind::missing; });
}

std::string when_to_come_back(const std::string& name, const Readiness& way) {
  if (const Objection* const first = given_where_alias_leads(way.objections)) return how_to_follow_alias(*first, name);
  for (const Objection& objection : way.objections) {
    if (objection.dnssec == Dnssec::insecure) return "sign the zone with DNSSEC and put its DS record into the parent";
    if (objection.dnssec == Dnssec::bogus) {
      return "danectl check says whether senders see that, too; if so, mend DNSSEC of the zone; if only this host's "
             "resolver does, set resolver = \"recursive\" in [dns]";
    }
  }
  if (is_lacking(way)) {
    return how_to_publish(name) + "; the hold-down begins when every authoritative server has it";
  }
  if (fails_by_what_is_given(way)) {
    return how_to_publish(name) +
           fmt::format("; danectl retire {} --foreign \"U S M HEX\" deletes a record that is in the way", name);
  }
  if (way.stage == KeyStage::visible && way.ready_at) return fmt::format("come back at {}", to_rfc3339(*way.ready_at));
  const bool silent = std::any_of(way.objections.begin(), way.objections.end(), [](const Objection& one) {
    return one.kind == Objection::Kind::silent && !one.server.empty();
  });
  return silent ? "try again when every authoritative server gives a validated answer; if one is gone for good, put it "
                  "into `ignore` of [dns]"
                : "try again when every authoritative server gives a validated answer";
}

}  // namespace

std::string bar(double done, const Output& output) {
  const int full = static_cast<int>(std::lround(std::clamp(done, 0.0, 1.0) * bar_width));
  std::string text = "[";
  for (int i = 0; i < bar_width; ++i) text += i < full ? (output.unicode ? "█" : "#") : (output.unicode ? "░" : "-");
  return text + "]";
}

std::string hold_down_bar(const Readiness& way, const Output& output) {
  if (!way.visible_since) return {};
  const double done = fraction_done(way);
  const std::string left =
      way.remaining > Milliseconds{0} ? human_duration(way.remaining) + " left" : std::string("over");
  return fmt::format("{} {:.0f} %, {}", bar(done, output), std::floor(done * 100), left);
}

Error not_promoted(const std::string& name, const Readiness& way, const Step& step, const Output& output) {
  const bool holding = way.stage == KeyStage::visible && step.when.has_value();
  const std::string what = holding ? std::string("the hold-down is running") : step.why;
  return not_yet(fmt::format("not promoted: {}{}", what, obstacles(way, output)), when_to_come_back(name, way));
}

namespace {

std::string how_to_roll_back(const Readiness& way) {
  if (way.stage == KeyStage::visible && way.ready_at) return fmt::format("come back at {}", to_rfc3339(*way.ready_at));
  const bool asked = std::all_of(way.objections.begin(), way.objections.end(), [](const Objection& one) {
    return one.kind == Objection::Kind::fails && one.held->by == HeldVersion::By::asked_for;
  });
  if (asked) return "try again when the name servers give what was asked for, or when they certainly never will";
  return "publish them on every authoritative server; without them senders would hold the mail";
}

}  // namespace

Error not_rolled_back(const KeyId& key, const Readiness& way, const Output& output) {
  return not_yet(fmt::format("not rolled back: the records of the key before, {}, are not ready{}", key.sha256,
                             obstacles(way, output)),
                 how_to_roll_back(way));
}

}  // namespace danectl
