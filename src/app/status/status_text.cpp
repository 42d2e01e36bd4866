#include "app/status/status_text.hpp"

#include "app/frame/explain.hpp"
#include "app/frame/wrap.hpp"
#include "app/status/status_overview.hpp"
#include "core/rollover/objection_text.hpp"
#include "app/status/status_servers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace danectl {
namespace {

constexpr const char* label_format = "  {:<9} {}\n";

// A text of several lines goes on below its first, two columns further in.
std::string line(const std::string& label, const std::string& text) {
  std::string lines;
  std::istringstream rest(text);
  for (std::string one; std::getline(rest, one);) {
    const std::size_t begin = std::min(one.find_first_not_of(' '), one.size());
    lines += fmt::format(label_format, lines.empty() ? label : "", (lines.empty() ? "" : "  ") + one.substr(begin));
  }
  return lines;
}

// Enough to tell records apart; `danectl records` prints them whole.
std::string short_text(const Association& association) {
  constexpr std::size_t shown = 16;
  if (association.hex.size() <= shown) return association.text();
  return fmt::format("{} {}...", association.group.text(), association.hex.substr(0, shown));
}

std::string records_of(const LineageView& view, const ChainKeys& keys, const Output& output) {
  std::string text;
  for (const Association& association : associations_of(keys, view.lineage.profile)) {
    text += line("", output.columns == 0 ? association.text() : short_text(association));
  }
  return text;
}

std::string served(const LineageView& view, const Output& output) {
  if (!view.facts.deployed) return line("served", "nothing: there is no generation behind " + view.live);
  const Certificate& leaf = view.facts.deployed->chain.leaf();
  const Milliseconds left = leaf.not_after - view.now.wall;
  const std::string ends = left > Milliseconds{0} ? "ends in " + human_duration(left) : std::string("has ENDED");
  return line("served", fmt::format("generation {}, {}, certificate {} ({})", view.facts.deployed->generation,
                                    to_text(leaf.key.type), ends, to_rfc3339(leaf.not_after))) +
         records_of(view, keys_of_deployed(view.facts.deployed->chain, view.lineage, view.facts.state), output) +
         (view.facts.deployed_trouble ? line("damaged", view.facts.deployed_trouble->what) : "");
}

// The servers are listed under DNS; here one is enough to say why.
std::string first_obstacle(const Readiness& way) {
  return way.objections.empty() ? std::string() : objection_text(way.objections.front());
}

// Where the next key stands on its way: seen, holding, ready.
std::string progress(const LineageView& view, const Readiness& way, const Output& output) {
  if (view.look.owners.empty()) return line("", "DNS was not asked");
  std::string text;
  const bool first_seen = way.visible_since && *way.visible_since >= view.look.started.wall;
  if (first_seen) {
    text +=
        line("", "seen everywhere by this look; `danectl stage` or `promote` writes it down and starts the hold-down");
  } else if (way.visible_since) {
    text += line("", fmt::format("visible everywhere since {}", to_rfc3339(*way.visible_since)));
    text += line("", fmt::format("hold-down {}", hold_down_bar(way, output)));
    if (way.ready_at) text += line("", "ready at " + to_rfc3339(*way.ready_at));
  }
  const bool holding = way.stage == KeyStage::visible;
  if (way.ready() || holding) return text;
  const char* const what = way.visible_since ? "not confirmed by this look: " : "not visible everywhere: ";
  return text + line("", what + first_obstacle(way));
}

std::string next(const LineageView& view, const Output& output) {
  if (!view.facts.next) return line("next", view.lineage.stages_keys() ? "none" : "none: certbot makes the keys");
  const std::optional<NextKey>& known = view.facts.state.next;
  const std::string staged = known ? ", staged " + to_rfc3339(known->staged_at.wall) : std::string{};
  const std::string chain = !view.facts.next->issued     ? ""
                            : obstacle(*view.facts.next) ? ", its certificate is here and may not be deployed"
                                                         : ", its certificate is here already";
  return line("next", fmt::format("{}{}{}", to_text(view.facts.next->key.type), staged, chain)) +
         records_of(view, keys_of_next(*view.facts.next, view.lineage), output) +
         progress(view, view.facts.next->way, output) +
         (view.lineage.stages_keys() ? std::string()
                                     : line("", "not needed any more: danectl discard " + view.lineage.name));
}

std::string what_is_new(const LineageView& view, const CandidateFact& candidate) {
  const auto& deployed = view.facts.deployed;
  const bool another_key = !deployed || !(candidate.keys.key == deployed->chain.leaf().key);
  if (another_key && view.lineage.names_keys()) return "another key that certbot brought";
  const bool same =
      deployed && candidate.kept && candidate.kept->chain.leaf().fingerprint == deployed->chain.leaf().fingerprint;
  if (same) return "what is deployed, with the root of append_root";
  const bool other_names = deployed && candidate.kept &&
                           candidate.kept->chain.leaf().issuer_key == deployed->chain.leaf().issuer_key &&
                           candidate.kept->chain.leaf().names != deployed->chain.leaf().names;
  return other_names ? "a certificate for other names that certbot brought" : "another issuer that certbot brought";
}

std::string candidates(const LineageView& view, const Output& output) {
  std::string text;
  for (const CandidateFact& candidate : view.facts.candidates) {
    const auto why = obstacle(candidate);
    text += line("candidate", fmt::format("{}; {}", what_is_new(view, candidate),
                                          why ? "not deployed: " + why->what : "deployed once its records are ready"));
    text += records_of(view, candidate.keys, output);
    if (!why) text += progress(view, candidate.way, output);
  }
  return text;
}

std::string retiring(const LineageView& view) {
  std::string text;
  for (const PlaceFact& place : view.facts.places) {
    for (const RetiringFact& one : place.retiring) {
      const std::string since = one.since ? ", since " + to_rfc3339(one.since->wall) : std::string{};
      const std::string when = one.when ? ", until " + to_rfc3339(*one.when) : std::string{};
      text += line(text.empty() ? "retiring" : "",
                   fmt::format("{} {}{}", place.place.name.text(), one.record.text(), since));
      text += line("", one.why + when);
    }
  }
  return text;
}

std::string foreign(const LineageView& view) {
  std::string text;
  for (const PlaceFact& place : view.facts.places) {
    for (const Association& record : place.foreign) {
      text += line(text.empty() ? "unknown" : "", fmt::format("{} {}", place.place.name.text(), record.text()));
    }
  }
  if (!text.empty()) {
    text += line(
        "", fmt::format("published, but no lineage here knows it: it stays unless `danectl retire {} --foreign \"U S M "
                        "HEX\"` deletes it",
                        view.lineage.name));
  }
  std::string of_wildcards;
  for (const PlaceFact& place : view.facts.places) {
    for (const Association& record : place.foreign_of_wildcards) {
      of_wildcards += line(text.empty() && of_wildcards.empty() ? "unknown" : "",
                           fmt::format("{} {}", place.place.name.text(), record.text()));
    }
  }
  if (!of_wildcards.empty()) {
    of_wildcards += line("",
                         "given by a wildcard, but no lineage here knows it: each RRset that hides the wildcard has "
                         "it, too; if no other host needs it, delete it at the wildcard");
  }
  return text + of_wildcards;
}

std::string server_line(const ServerView& server) {
  std::string name = server.address.empty() ? server.name.text() : server.name.text() + " " + server.address;
  if (server.by_parent_alone) name += " (only the parent names it)";
  switch (server.verdict) {
    case ServerView::Verdict::has_all:
      return name + ": " + (server.why.empty() ? "has all of them" : server.why);
    case ServerView::Verdict::left_out:
      return name + ": left out, " + server.why;
    case ServerView::Verdict::lacks:
    case ServerView::Verdict::unknown:
      break;
  }
  return name + ": " + server.why;
}

std::string dns(const LineageView& view) {
  std::string text;
  for (const OwnerLook& look : view.look.owners) {
    const std::string alias = look.canonical() == look.owner ? "" : " -> " + look.canonical().text();
    const bool said = look.why.starts_with(to_text(look.dnssec));
    const std::string verdict =
        said ? look.why : std::string(to_text(look.dnssec)) + (look.why.empty() ? "" : ": ") + look.why;
    text += line("DNS", fmt::format("{}{}: {}", look.owner.text(), alias, verdict));
    for (const ServerView& server : servers_of(view, look)) text += line("", server_line(server));
  }
  return text;
}

std::string pending(const LineageView& view) {
  std::string text;
  const State& known = view.facts.state;
  if (known.pending.reload_since)
    text += line("pending", "reload, since " + to_rfc3339(known.pending.reload_since->wall));
  if (known.pending.certbot_hooks_since) {
    text += line("pending", "certbot's deploy hooks, since " + to_rfc3339(known.pending.certbot_hooks_since->wall));
  }
  if (!known.hook_error.empty()) text += line("hook", known.hook_error);
  if (!known.publish_error.empty() && any_missing(view.facts)) text += line("publish", known.publish_error);
  if (const auto at = next_attempt(view.facts, view.now)) {
    const unsigned count = known.ca_refusals->count;
    text += line("CA", fmt::format("asked {}, the last time {}: no certificate that may be deployed; `danectl run` "
                                   "asks again {}",
                                   count == 1 ? "once" : fmt::format("{} times", count),
                                   to_rfc3339(known.ca_refusals->last.wall), to_rfc3339(*at)));
  }
  if (const auto& missing = view.facts.certbot_program)
    text += line("certbot", missing->what) + line("", missing->hint);
  if (!view.facts.certbot_trouble.empty()) {
    text += line("certbot", (view.facts.certbot_is_forbidden ? "not known: " : "") + view.facts.certbot_trouble);
  }
  if (view.facts.certbot && view.facts.certbot->against_reuse) {
    text += line("certbot", view.facts.certbot->against_reuse->what);
    text += line("", view.facts.certbot->against_reuse->hint);
  }
  if (view.lineage.rotation == Rotation::certbot && view.facts.certbot && view.facts.certbot->reuse_key) {
    text += line("certbot", "reuse_key = True: its renewals keep the key");
  }
  return text;
}

// `above`: what was said before, which may hold the reason already.
std::string action(const Step& step, const std::string& above) {
  const std::string when = step.when ? " (" + to_rfc3339(*step.when) + ")" : std::string{};
  const bool said = above.find(step.why) != above.npos;
  return line("then", step.what + when) + (said ? std::string{} : line("", step.why));
}

}  // namespace

std::string status_text(const LineageView& view, const Output& output) {
  const std::string text =
      fmt::format("{}: {}\n", view.lineage.name, state_word(view.report.health, !view.look.owners.empty(), output)) +
      served(view, output) + next(view, output) + candidates(view, output) + retiring(view) + foreign(view) +
      dns(view) + pending(view);
  return wrapped(text + action(view.report.action, text), output.columns);
}

}  // namespace danectl
