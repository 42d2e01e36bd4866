#include "app/status/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

constexpr std::size_t usual_columns = 80;
constexpr std::size_t indent = 2;
constexpr char mark_of_now = '|';

class Events {
 public:
  explicit Events(const LineageView& view) : view_(view) {}

  std::vector<TimelineEvent> all() {
    current();
    before();
    next();
    std::stable_sort(events_.begin(), events_.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
    return std::move(events_);
  }

 private:
  void add(WallTime time, char mark, std::string what) { events_.push_back({time, mark, std::move(what)}); }

  void current() {
    if (const auto& current = view_.facts.state.current) {
      add(current->since.wall, 'c', "current key deployed");
      if (view_.lineage.rollover) {
        add(current->since.wall + *view_.lineage.rollover, 'R',
            fmt::format("rollover: the current key is {} old", human_duration(*view_.lineage.rollover)));
      }
    }
    if (view_.facts.deployed) add(view_.facts.deployed->chain.leaf().not_after, 'E', "certificate ends");
  }

  // Generations that were replaced: since when the servers have loaded another one, and how long they still count.
  void before() {
    for (const PresentedGeneration& generation : view_.facts.state.presented) {
      if (view_.facts.deployed && generation.number == view_.facts.deployed->generation) continue;
      if (generation.reloaded_at) {
        add(generation.reloaded_at->at.wall, 'l',
            fmt::format("servers loaded what replaced generation {}", generation.number));
      }
      if (const auto until = presented_until(generation, view_.lineage, view_.now)) {
        add(*until, 'p', fmt::format("generation {} counts as presented until then", generation.number));
      }
    }
  }

  void next() {
    if (!view_.facts.next) return;
    if (const auto& next = view_.facts.state.next) add(next->staged_at.wall, 's', "next key staged");
    const Readiness& way = view_.facts.next->way;
    if (way.visible_since) add(*way.visible_since, 'v', "its records visible everywhere");
    if (way.ready_at) add(*way.ready_at, 'r', "next key ready");
  }

  const LineageView& view_;
  std::vector<TimelineEvent> events_;
};

// The marks from left to right, `now` among them.
std::vector<std::pair<WallTime, char>> marks_of(const Timeline& timeline) {
  std::vector<std::pair<WallTime, char>> marks{{timeline.now, mark_of_now}};
  for (const TimelineEvent& event : timeline.events) marks.emplace_back(event.time, event.mark);
  std::stable_sort(marks.begin(), marks.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return marks;
}

std::string axis_line(const Timeline& timeline, std::size_t columns, const Output& output) {
  const auto marks = marks_of(timeline);
  const std::string_view stroke = output.unicode ? "\u2500" : "-";
  const auto column_of = [&](WallTime time) {
    return static_cast<std::size_t>(share_of(timeline, time) * static_cast<double>(columns - 1));
  };
  std::string line;
  std::size_t taken = 0;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    // Room is left for those that follow.
    const std::size_t latest = columns - (marks.size() - i);
    const std::size_t at = std::min(std::max(column_of(marks[i].first), taken), latest);
    for (; taken < at; ++taken) line += stroke;
    line += marks[i].second;
    ++taken;
  }
  return line;
}

std::string event_line(char mark, WallTime time, const std::string& what, WallTime now) {
  return fmt::format("  {}  {}  {} ({})\n", mark, to_rfc3339(time), what, from_now(time, now));
}

}  // namespace

std::string from_now(WallTime time, WallTime now) {
  if (time == now) return "now";
  return time < now ? human_duration(now - time) + " ago" : "in " + human_duration(time - now);
}

double share_of(const Timeline& timeline, WallTime time) {
  WallTime first = timeline.now;
  WallTime last = timeline.now;
  for (const TimelineEvent& event : timeline.events) {
    first = std::min(first, event.time);
    last = std::max(last, event.time);
  }
  if (last <= first) return 0;
  return static_cast<double>((time - first).count()) / static_cast<double>((last - first).count());
}

Timeline timeline_of(const LineageView& view) {
  return {view.lineage.name, view.now.wall, Events(view).all()};
}

std::string timeline_text(const Timeline& timeline, const Output& output) {
  const std::size_t columns = output.columns == 0 ? usual_columns : output.columns;
  const std::size_t least = indent + timeline.events.size() + 1;
  std::string text = timeline.name + "\n" + std::string(indent, ' ') +
                     axis_line(timeline, std::max(columns, least) - indent, output) + '\n';
  bool now_is_told = false;
  for (const TimelineEvent& event : timeline.events) {
    if (!now_is_told && event.time > timeline.now) {
      text += fmt::format("  {}  {}  now\n", mark_of_now, to_rfc3339(timeline.now));
      now_is_told = true;
    }
    text += event_line(event.mark, event.time, event.what, timeline.now);
  }
  if (!now_is_told) text += fmt::format("  {}  {}  now\n", mark_of_now, to_rfc3339(timeline.now));
  return text;
}

}  // namespace danectl
