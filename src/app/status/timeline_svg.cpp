#include "app/status/timeline_svg.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

// In pixels.
constexpr int width = 860;
constexpr int margin = 24;
constexpr int title_height = 34;
constexpr int row_height = 24;
constexpr int gap = 30;  // below a timeline

constexpr const char* style = R"(  <style>
    svg { font: 13px sans-serif; } .paper { fill: #ffffff; }
    text { fill: #1f2328; } .title { font-weight: bold; font-size: 15px; } .dim { fill: #59636e; }
    .axis { stroke: #8c959f; stroke-width: 2; } .leader { stroke: #d1d9e0; }
    .past { fill: #59636e; } .coming { fill: #0969da; } .now { stroke: #d1242f; stroke-width: 2; }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0d1117; } text { fill: #e6edf3; } .dim { fill: #9198a1; }
      .axis { stroke: #656c76; } .leader { stroke: #3d444d; }
      .past { fill: #9198a1; } .coming { fill: #4493f8; } .now { stroke: #f85149; }
    }
  </style>
)";

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else {
      result += c;
    }
  }
  return result;
}

int x_of(const Timeline& timeline, WallTime time) {
  return margin + static_cast<int>(share_of(timeline, time) * (width - 2 * margin));
}

int height_of(const Timeline& timeline) {
  return title_height + row_height * (static_cast<int>(timeline.events.size()) + 2) + gap;
}

// A row of its own for each, so that no text stands on another one; a line leads up to its place on the axis.
std::string event_row(const TimelineEvent& event, int x, int axis_y, int y, WallTime now) {
  const bool right = x > width / 2;
  return fmt::format(
      "  <line class=\"leader\" x1=\"{0}\" y1=\"{1}\" x2=\"{0}\" y2=\"{2}\"/>\n"
      "  <circle class=\"{3}\" cx=\"{0}\" cy=\"{1}\" r=\"5\"/>\n"
      "  <text x=\"{4}\" y=\"{5}\" text-anchor=\"{6}\">{7} <tspan class=\"dim\">{8}, {9}</tspan></text>\n",
      x, axis_y, y, event.time > now ? "coming" : "past", right ? x - 8 : x + 8, y + 4, right ? "end" : "start",
      escaped(event.what), to_rfc3339(event.time).substr(0, 10), from_now(event.time, now));
}

std::string drawing(const Timeline& timeline, int top) {
  const int axis_y = top + title_height + row_height / 2;
  std::string text = fmt::format("  <text class=\"title\" x=\"{}\" y=\"{}\">{}</text>\n", margin,
                                 top + title_height - 12, escaped(timeline.name));
  text += fmt::format("  <line class=\"axis\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n", margin, axis_y,
                      width - margin, axis_y);
  int y = axis_y + row_height;
  for (const TimelineEvent& event : timeline.events) {
    text += event_row(event, x_of(timeline, event.time), axis_y, y, timeline.now);
    y += row_height;
  }
  const int now = x_of(timeline, timeline.now);
  return text +
         fmt::format(
             "  <line class=\"now\" x1=\"{0}\" y1=\"{1}\" x2=\"{0}\" y2=\"{2}\"><title>now, {3}</title></line>\n", now,
             axis_y - 12, axis_y + 12, to_rfc3339(timeline.now));
}

}  // namespace

std::string timeline_svg(const std::vector<Timeline>& timelines) {
  int height = 0;
  std::string drawings;
  for (const Timeline& timeline : timelines) {
    drawings += drawing(timeline, height);
    height += height_of(timeline);
  }
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">\n", width,
             std::max(height, gap)) +
         style + "  <rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n" + drawings + "</svg>\n";
}

}  // namespace danectl
