#include "app/status/status_overview.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace danectl;

namespace {

OverviewLine line_of(const std::string& name, Health health, const std::string& what,
                     std::optional<WallTime> when = {}) {
  OverviewLine line{name, health, true, {}};
  line.action.what = what;
  line.action.when = when;
  return line;
}

std::string text_of(const std::vector<OverviewLine>& lines, bool colour = false) {
  std::ostringstream out;
  std::ostringstream err;
  return overview_text(lines, at(0).wall, {.out = out, .err = err, .colour = colour});
}

}  // namespace

TEST_CASE("several lineages take a line each, trouble first, and are counted", "[status_overview]") {
  CHECK(text_of({line_of("a.example", Health::ok, "nothing to do"),
                 line_of("mx.b.example", Health::waiting, "wait for the hold-down", at(3600).wall),
                 line_of("c.example", Health::broken, "reload"), line_of("d.example", Health::ok, "nothing to do")}) ==
        "broken     c.example     reload\n"
        "waiting    mx.b.example  wait for the hold-down (in 1 h)\n"
        "ok         a.example     nothing to do\n"
        "ok         d.example     nothing to do\n"
        "4 lineages: 1 broken, 1 waiting, 2 ok; all of one: danectl status NAME\n");
}

TEST_CASE("each state has a colour of its own, and columns stay in line", "[status_overview]") {
  const std::string text = text_of({line_of("a", Health::ok, "x"), line_of("b", Health::waiting, "x"),
                                    line_of("c", Health::attention, "x"), line_of("d", Health::broken, "x")},
                                   true);
  CHECK(text.find("\x1b[32mok\x1b[0m         a  x\n") != std::string::npos);
  CHECK(text.find("\x1b[36mwaiting\x1b[0m    b  x\n") != std::string::npos);
  CHECK(text.find("\x1b[33mattention\x1b[0m  c  x\n") != std::string::npos);
  CHECK(text.find("\x1b[1;31mbroken\x1b[0m     d  x\n") != std::string::npos);
}

TEST_CASE("without DNS what would be a guess is not said", "[status_overview]") {
  OverviewLine ok = line_of("a", Health::ok, "x");
  ok.dns_was_asked = false;
  OverviewLine broken = line_of("b", Health::broken, "x");
  broken.dns_was_asked = false;
  const std::string text = text_of({ok, broken});
  CHECK(text.find("?          a  x\n") != std::string::npos);
  CHECK(text.find("broken     b  x\n") != std::string::npos);
}
