#include "app/status/timeline_svg.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace danectl;

namespace {

Timeline three_days() {
  constexpr int day = 86400;
  return {"mx.example.com",
          at(day).wall,
          {{at(0).wall, 'c', "current key deployed"},
           {at(day).wall - Milliseconds{1000}, 'v', "its records visible everywhere"},
           {at(3 * day).wall, 'E', "certificate ends"}}};
}

std::string text_of(const Timeline& timeline, std::size_t columns) {
  std::ostringstream out;
  std::ostringstream err;
  Output output{.out = out, .err = err};
  output.columns = columns;
  return timeline_text(timeline, output);
}

}  // namespace

TEST_CASE("each event has its place on the axis and a line of its own", "[timeline]") {
  CHECK(text_of(three_days(), 33) ==
        "mx.example.com\n"
        "  c--------v|-------------------E\n"
        "  c  2030-01-01T00:00:00Z  current key deployed (1 d ago)\n"
        "  v  2030-01-01T23:59:59Z  its records visible everywhere (1 s ago)\n"
        "  |  2030-01-02T00:00:00Z  now\n"
        "  E  2030-01-04T00:00:00Z  certificate ends (in 2 d)\n");
}

TEST_CASE("the axis has room for every mark, however narrow the terminal is", "[timeline]") {
  CHECK(text_of(three_days(), 1).find("\n  cv|E\n") != std::string::npos);
  CHECK(text_of({"none", at(0).wall, {}}, 10) == "none\n  |\n  |  2030-01-01T00:00:00Z  now\n");
}

TEST_CASE("a picture has all lineages, and nothing of a name is markup", "[timeline]") {
  Timeline other = three_days();
  other.name = "a<b>&c";
  const std::string svg = timeline_svg({three_days(), other});
  CHECK(svg.find("mx.example.com</text>") != std::string::npos);
  CHECK(svg.find("a&lt;b&gt;&amp;c</text>") != std::string::npos);
  CHECK(svg.find("prefers-color-scheme: dark") != std::string::npos);
}
