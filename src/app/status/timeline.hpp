// The life of a lineage's keys on one axis: what was, what is, and what comes when.
#pragma once

#include "app/frame/output.hpp"
#include "app/status/status_view.hpp"

#include <string>
#include <vector>

namespace danectl {

struct TimelineEvent {
  WallTime time;
  char mark;  // on the axis, and in front of its line below it
  std::string what;
};

struct Timeline {
  std::string name;  // of the lineage
  WallTime now;
  std::vector<TimelineEvent> events;  // the first first; `now` is none of them
};

Timeline timeline_of(const LineageView& view);

// Where the time stands on the axis: 0 is the first event (or now), 1 the last. REQUIRES: it is of an event, or now.
double share_of(const Timeline& timeline, WallTime time);

// The axis, as wide as the terminal, and a line for each event. Marks that would stand on one another stand side by
// side, in their order.
std::string timeline_text(const Timeline& timeline, const Output& output);

// "3 d 4 h ago", "in 2 h 5 min", "now"
std::string from_now(WallTime time, WallTime now);

}  // namespace danectl
